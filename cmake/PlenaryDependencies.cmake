# Every third-party library, found once, as imported targets. The package names are in scripts/deps.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(GTest REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(fmt REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CapnProto CONFIG REQUIRED)

pkg_check_modules(libpq REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(opus REQUIRED IMPORTED_TARGET opus)
pkg_check_modules(srtp REQUIRED IMPORTED_TARGET libsrtp2)
pkg_check_modules(speexdsp REQUIRED IMPORTED_TARGET speexdsp)
pkg_check_modules(spandsp REQUIRED IMPORTED_TARGET spandsp)
pkg_check_modules(re REQUIRED IMPORTED_TARGET libre)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)

# CAF 0.17.6 ships neither a CMake package nor a pkg-config file.
find_path(CAF_INCLUDE_DIR caf/all.hpp REQUIRED)
find_library(CAF_CORE_LIBRARY caf_core REQUIRED)
file(STRINGS ${CAF_INCLUDE_DIR}/caf/config.hpp caf_version_line REGEX "define CAF_VERSION [0-9]+")
if(NOT caf_version_line MATCHES "CAF_VERSION 1706")
  message(FATAL_ERROR "Plenary is written against CAF 0.17.6, found: ${caf_version_line}")
endif()
add_library(caf::core UNKNOWN IMPORTED)
set_target_properties(caf::core PROPERTIES
  IMPORTED_LOCATION ${CAF_CORE_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR}
  INTERFACE_LINK_LIBRARIES Threads::Threads)
