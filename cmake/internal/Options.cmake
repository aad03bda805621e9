# Our own build's switches: a consumer sees only the product.
include_guard()

option(ParallelTests_DEVELOPER_MODE "Build the tests of ParallelTests; warnings are errors" ${PROJECT_IS_TOP_LEVEL})
option(ParallelTests_INSTALL "Make the install rules of ParallelTests" ${PROJECT_IS_TOP_LEVEL})
set(ParallelTests_SANITIZE "" CACHE STRING "Sanitizers to build with, as -fsanitize= takes them: address,undefined")

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug, RelWithDebInfo or MinSizeRel" FORCE)
endif()
