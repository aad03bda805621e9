# Private to ParallelTests: the targets that run the tests.

include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

function(_paralleltests_add_check_targets)
  if(NOT TARGET ParallelTests::ptests)
    message(FATAL_ERROR "ParallelTests: the executor ParallelTests::ptests is not defined; "
      "call find_package(ParallelTests) or add the repository by add_subdirectory.")
  endif()
  set(check check)
  if(ParallelTests_CHECK_TARGET)
    set(check "${ParallelTests_CHECK_TARGET}")
  endif()
  _paralleltests_add_check_target("${check}" "the target of all tests" "")
  get_property(suites GLOBAL PROPERTY "_ParallelTests_SUITES")
  foreach(coded IN LISTS suites)
    _paralleltests_decode(suite "${coded}")
    _paralleltests_target_name(name "${suite}")
    _paralleltests_add_check_target("${check}-${name}" "the target of suite \"${suite}\"" "${suite}")
  endforeach()
endfunction()

# `suite` is empty for the target of all tests. The executor builds what the tests
# need by itself, so the target depends on nothing else: two runs of a build tool
# in one build directory disturb each other.
function(_paralleltests_add_check_target name what suite)
  if(TARGET "${name}")
    message(FATAL_ERROR "ParallelTests: ${what} would be called ${name}, but there is such a target "
      "already; set ParallelTests_CHECK_TARGET to another name than \"check\", or rename the suite.")
  endif()
  set(options --check -B "${CMAKE_BINARY_DIR}")
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(multi_config OR CMAKE_BUILD_TYPE)
    list(APPEND options --config "$<CONFIG>")
  endif()
  # Quoted as a reference: an unquoted list would split the name at a `;`.
  set(select "")
  if(NOT suite STREQUAL "")
    set(select "--suite \"\${suite}\"")
  endif()
  cmake_language(EVAL CODE "add_custom_target(${name}
    COMMAND \"$<TARGET_FILE:ParallelTests::ptests>\" run \${options} ${select}
    USES_TERMINAL VERBATIM)")
endfunction()

cmake_policy(POP)
