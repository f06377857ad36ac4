# What `cmake --install` brings. Only plenaryd and plenaryctl need to be built for it.
include(GNUInstallDirs)
set(plenary_documents ${CMAKE_INSTALL_DATADIR}/doc/plenary)
install(TARGETS plenaryd plenaryctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(PROGRAMS scripts/plenary-ca DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${plenary_documents})
install(DIRECTORY docs/ DESTINATION ${plenary_documents} FILES_MATCHING PATTERN "*.md" PATTERN adr EXCLUDE PATTERN man EXCLUDE)
install(DIRECTORY cluster-config/three-node DESTINATION ${plenary_documents}/examples)
install(PROGRAMS scripts/sample-application DESTINATION ${plenary_documents}/examples)

# Manual pages, completions, unit and configuration come from the programs and know the prefix.
install(CODE "
  execute_process(COMMAND python3 -B \"${PROJECT_SOURCE_DIR}/scripts/install-texts\"
    --programs \"${CMAKE_BINARY_DIR}\" --prefix \"\${CMAKE_INSTALL_PREFIX}\" --root \"\$ENV{DESTDIR}\"
    --version \"${PROJECT_VERSION}\" COMMAND_ERROR_IS_FATAL ANY)")
