# For projects that use the module from its folder. EXECUTOR may be left empty by
# those that do not run it.
add_executable(ParallelTests::ptests IMPORTED GLOBAL)
if(EXECUTOR)
  set_property(TARGET ParallelTests::ptests PROPERTY IMPORTED_LOCATION "${EXECUTOR}")
else()
  set_property(TARGET ParallelTests::ptests PROPERTY IMPORTED_LOCATION "${CMAKE_COMMAND}")
endif()
list(APPEND CMAKE_MODULE_PATH "${REPOSITORY}/cmake")
include(ParallelTests)
