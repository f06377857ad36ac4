# Options and helpers that every folder's CMakeLists.txt uses.
set(PLENARY_SANITIZE "" CACHE STRING "comma-separated sanitizers, for example address,undefined")

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
    # Optimising templates is what such a build spends its time on: only where audio is heard does it pay.
    $<IF:$<OR:$<BOOL:$<TARGET_PROPERTY:PLENARY_IS_TEST>>,$<BOOL:$<TARGET_PROPERTY:PLENARY_IS_EDGE>>>,-O0,-O1>)
  target_link_options(plenary_options INTERFACE -fsanitize=${PLENARY_SANITIZE})
endif()

# plenary_library(NAME DEPENDS lib... [SOURCES file...]): all .cpp files of this folder unless SOURCES names them.
function(plenary_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    list(FILTER ARG_SOURCES EXCLUDE REGEX "_actor(_[a-z_]+)?\\.cpp$")
  endif()
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} PRIVATE plenary_options)
    target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
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
  set_target_properties(${name} PROPERTIES PLENARY_IS_TEST ON)
  target_precompile_headers(${name} REUSE_FROM plenary_test_headers)
  target_compile_definitions(${name} PRIVATE PLENARY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 600)
endfunction()

include(GoogleTest)
