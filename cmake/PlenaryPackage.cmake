# `cpack -G DEB` in the build folder of the preset release; scripts/package does it all.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME plenary)
set(CPACK_PACKAGE_VENDOR Plenary)
# RFC 2606: nobody's address, until a distributor sets its own.
set(PLENARY_MAINTAINER "Plenary maintainers <maintainers@plenary.invalid>" CACHE STRING
  "who maintains the packages: NAME <ADDRESS>")
set(CPACK_PACKAGE_CONTACT "${PLENARY_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "voice-conferencing server for SIP trunks")
set(CPACK_PACKAGE_DESCRIPTION
"Plenary takes calls from SIP trunks, asks an application over HTTP what to do
with each, and mixes everybody who is sent to the same room. Every step of a
call is told to the application's webhook, signed and at least once. Several
nodes are one product: rooms and callers survive the loss of a machine.
.
This package holds the node plenaryd, the program plenaryctl to look at and
control it, and plenary-ca for the certificates between nodes.")
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_BINARY_DIR}/packages")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1 CACHE STRING "revision of the Debian package")
set(CPACK_DEBIAN_PACKAGE_SECTION comm)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.54~), ca-certificates, procps, libc6 (>= 2.36)")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "openssl, prometheus")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
foreach(script postinst prerm postrm conffiles)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/cluster-config/debian/${script})
endforeach()
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/PlenaryPackageFiles.cmake)
include(CPack)
