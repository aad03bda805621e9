# Read by CMake behind the project() of a real library (CMAKE_PROJECT_INCLUDE): some of its test executables become suites of ours, `own` as
# they are, `listened` with our listener. Takes TARGETS, FRAMEWORK, HEADER (of the framework), REPOSITORY and EXECUTOR.
include_guard(GLOBAL)
include("${REPOSITORY}/test/cmake/projects/module.cmake")
enable_testing()
find_package(Threads REQUIRED)

file(CONFIGURE OUTPUT listener.cpp CONTENT "#include <${HEADER}>\n#include <paralleltests/${FRAMEWORK}.hpp>\n")
foreach(target IN LISTS TARGETS)
  add_executable(${target}.listened "${CMAKE_CURRENT_BINARY_DIR}/listener.cpp" $<TARGET_OBJECTS:${target}>)
  target_link_libraries(${target}.listened PRIVATE $<TARGET_PROPERTY:${target},LINK_LIBRARIES>)
  target_include_directories(${target}.listened SYSTEM PRIVATE "${REPOSITORY}/include" $<TARGET_PROPERTY:${target},INCLUDE_DIRECTORIES>)
  target_compile_definitions(${target}.listened PRIVATE $<TARGET_PROPERTY:${target},COMPILE_DEFINITIONS>)
endforeach()
list(TRANSFORM TARGETS APPEND .listened OUTPUT_VARIABLE listened)
add_parallel_test_suite(own TARGETS ${TARGETS} FRAMEWORK ${FRAMEWORK})
add_parallel_test_suite(listened TARGETS ${listened} FRAMEWORK ${FRAMEWORK})
