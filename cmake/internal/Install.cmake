# Install rules: the executor, the module, the package files, the headers and mains for test executables, the schemas.
include_guard()
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/ParallelTests")
install(TARGETS ptests EXPORT ParallelTestsTargets RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(EXPORT ParallelTestsTargets NAMESPACE ParallelTests:: DESTINATION "${package_dir}")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/ParallelTestsConfig.cmake.in" "${PROJECT_BINARY_DIR}/ParallelTestsConfig.cmake"
  INSTALL_DESTINATION "${package_dir}" PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/ParallelTestsConfigVersion.cmake" COMPATIBILITY SameMajorVersion ARCH_INDEPENDENT)
file(GLOB modules "${PROJECT_SOURCE_DIR}/cmake/ParallelTests*.cmake")
install(FILES ${modules} "${PROJECT_BINARY_DIR}/ParallelTestsConfig.cmake" "${PROJECT_BINARY_DIR}/ParallelTestsConfigVersion.cmake"
  DESTINATION "${package_dir}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp" PATTERN "*.cpp")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/share/" DESTINATION "${CMAKE_INSTALL_DATADIR}/paralleltests" FILES_MATCHING PATTERN "*.schema.json")
