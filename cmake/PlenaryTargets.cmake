# Options and helpers that every folder's CMakeLists.txt uses.
set(PLENARY_SANITIZE "" CACHE STRING "comma-separated sanitizers, for example address,undefined")
option(PLENARY_UB_TRAPS "undefined behaviour ends the program with a stack and no sentence: a third less to compile" OFF)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(plenary_options INTERFACE)
target_compile_options(plenary_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
  # Optimising, g++ 12 sees uninitialised members and overlapping copies in moves of strings and variants
  # where there are none (GCC bugs 105593 and 105329); the dev preset, which does not inline so far, keeps both.
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>,$<NOT:$<CONFIG:Debug>>>:-Wno-maybe-uninitialized;-Wno-restrict>)
target_include_directories(plenary_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(plenary_options INTERFACE PLENARY_VERSION="${PROJECT_VERSION}")
# What operators run: the same bytes from any folder, and the compiler's and linker's guards of a program that
# strangers talk to; for generated code, too, which takes nothing else of our options. The last map that fits counts.
set(plenary_is_release $<CONFIG:RelWithDebInfo,Release>)
add_library(plenary_guards INTERFACE)
target_compile_options(plenary_guards INTERFACE
  $<${plenary_is_release}:-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.;-ffile-prefix-map=${PROJECT_BINARY_DIR}=./build>
  $<${plenary_is_release}:-fstack-protector-strong;-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2;-Wno-error=unused-result>)
target_link_libraries(plenary_options INTERFACE plenary_guards)
target_link_options(plenary_options INTERFACE
  $<${plenary_is_release}:LINKER:-z,relro,-z,now,--build-id=sha1,--gc-sections>)
# A twelfth of the stripped program tells the loader where to add its address; packed, a quarter of that is left.
include(CheckLinkerFlag)
check_linker_flag(CXX "LINKER:-z,pack-relative-relocs" PLENARY_LINKER_PACKS)
if(PLENARY_LINKER_PACKS)
  target_link_options(plenary_options INTERFACE $<${plenary_is_release}:LINKER:-z,pack-relative-relocs>)
endif()
if(PLENARY_SANITIZE)
  # CAF 0.17.6 binds a null reference in its spawn code: UBSan's null check has to stay off. Its vptr check opens a
  # pipe to look at an object, and takes one that it cannot look at for none: a node without descriptors would end.
  set(plenary_unchecked null)
  if(PLENARY_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    string(APPEND plenary_unchecked ",vptr")
  endif()
  target_compile_options(plenary_options INTERFACE
    -fsanitize=${PLENARY_SANITIZE} -fno-sanitize=${plenary_unchecked} -fno-sanitize-recover=undefined
    -fno-omit-frame-pointer -g1
    # Optimising templates is what such a build spends its time on: it pays only where tests wait for the processor,
    # which is where audio, SIP under attack and the cluster's simulation are.
    $<IF:$<BOOL:$<TARGET_PROPERTY:PLENARY_IS_HOT>>,-O1,-O0>)
  target_link_options(plenary_options INTERFACE -fsanitize=${PLENARY_SANITIZE})
  # Linking so much debugging text is half as long with a linker made for it.
  find_program(plenary_lld ld.lld)
  if(plenary_lld)
    target_link_options(plenary_options INTERFACE -fuse-ld=lld)
  endif()
  if(PLENARY_UB_TRAPS AND PLENARY_SANITIZE MATCHES "undefined")
    # Every check is made as ever; what fails ends the program with the place (a stack, from ASan's SIGILL handler), without
    # UBSan's sentence about it: the sentences are a third of such a build. The preset dev has them.
    target_compile_options(plenary_options INTERFACE -fsanitize-undefined-trap-on-error)
    add_library(plenary_trap_report STATIC ${PROJECT_SOURCE_DIR}/cmake/trap_report.cpp)
    # Whole: an archive's member would lose to the weak function of ASan's own library.
    target_link_libraries(plenary_options INTERFACE $<LINK_LIBRARY:WHOLE_ARCHIVE,plenary_trap_report>)
  endif()
endif()

# The headers that most units read, compiled once for the units of one optimisation level.
set(PLENARY_PRECOMPILED OFF)
if(CMAKE_BUILD_TYPE STREQUAL "Debug" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT PLENARY_FUZZ)
  set(PLENARY_PRECOMPILED ON)
endif()
set(plenary_common_headers
  "${PROJECT_SOURCE_DIR}/schema/json_instances.hpp" <fmt/format.h> <tl/expected.hpp>
  <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <deque> <functional> <map> <memory> <mutex> <optional>
  <set> <span> <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>)
if(PLENARY_PRECOMPILED)
  foreach(level plain hot)
    add_library(plenary_headers_${level} STATIC ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
    target_link_libraries(plenary_headers_${level} PRIVATE plenary_options fmt::fmt nlohmann_json::nlohmann_json)
    target_precompile_headers(plenary_headers_${level} PRIVATE ${plenary_common_headers})
  endforeach()
  set_target_properties(plenary_headers_hot PROPERTIES PLENARY_IS_HOT ON)
endif()

# plenary_precompiled(NAME): the common headers for a library of ours.
function(plenary_precompiled name)
  if(NOT PLENARY_PRECOMPILED)
    return()
  endif()
  get_target_property(is_hot ${name} PLENARY_IS_HOT)
  if(is_hot)
    target_precompile_headers(${name} REUSE_FROM plenary_headers_hot)
  else()
    target_precompile_headers(${name} REUSE_FROM plenary_headers_plain)
  endif()
endfunction()

# plenary_library(NAME [HOT] DEPENDS lib... [SOURCES file...]): all .cpp files of this folder unless SOURCES names them.
# HOT is optimised under sanitizers, too.
function(plenary_library name)
  cmake_parse_arguments(ARG "HOT" "" "DEPENDS;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    list(FILTER ARG_SOURCES EXCLUDE REGEX "_actor(_[a-z_]+)?\\.cpp$")
  endif()
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} PRIVATE plenary_options)
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
    set_target_properties(${name} PROPERTIES PLENARY_IS_HOT ${ARG_HOT})
    plenary_precompiled(${name})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE ${ARG_DEPENDS})
    target_include_directories(${name} INTERFACE ${PROJECT_SOURCE_DIR})
  endif()
endfunction()

# plenary_tests(NAME FOLDER dir DEPENDS lib...): one GoogleTest program of all .cpp files of tests/<dir>.
function(plenary_tests name)
  cmake_parse_arguments(ARG "" "FOLDER" "DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${ARG_FOLDER}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE plenary_options ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
  target_precompile_headers(${name} REUSE_FROM plenary_test_headers)
  target_compile_definitions(${name} PRIVATE PLENARY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 600)
endfunction()

include(GoogleTest)
