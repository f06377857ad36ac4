# Runs while cpack packs, on the files that it has gathered. -D CPACK_PLENARY_SYMBOLS=OFF: no package of debug symbols.
if(NOT DEFINED CPACK_PLENARY_SYMBOLS OR CPACK_PLENARY_SYMBOLS)
  set(symbols --symbols "${CPACK_PACKAGE_DIRECTORY}")
endif()
execute_process(COMMAND python3 -B "${CMAKE_CURRENT_LIST_DIR}/../scripts/debian-files"
  --root "${CPACK_TEMPORARY_DIRECTORY}" --version "${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}"
  --maintainer "${CPACK_PACKAGE_CONTACT}" ${symbols}
  COMMAND_ERROR_IS_FATAL ANY)
