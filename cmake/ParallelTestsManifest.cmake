# Private to ParallelTests: registers tests and returns at the end of
# configuration, to collect them and to write the manifest and the check targets.
#
# One call of a public command makes one *group*: tests that differ in name,
# program and source only. Its fields are global properties `_ParallelTests_<group>_*`.
# A directory is known by its binary directory. `_ParallelTests_GROUPS:<directory>`
# are its groups in the order of the calls, which is the order of its add_test.
#
# Test properties are read last, such that set_tests_properties wins: before CMake
# 3.28 a test's properties can be read in its own directory only, so it is done at
# the end of that; since then at the end of configuration.

include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsManifestJson.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsManifestCommand.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsCTestCases.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsManifestWrite.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsCheck.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsLaunch.cmake")

# ---- Registering ------------------------------------------------------------

# Registers the tests of one call. `kind` is the keyword they come from: SOURCES,
# TARGETS or COMMAND. `names`, `programs` and `sources` are parallel; all but a plain
# `sources`, and `values`, are coded lists. Reads `who`, `keys`, `values`, `other_keys`,
# `emulation`, `ctest_cases` and, of SOURCES, `bundle` from its caller's scope. Fields
# that are mostly empty are left out.
function(_paralleltests_register kind suite names programs arguments sources)
  _paralleltests_begin_group(group "${suite}")
  set(prefix "_ParallelTests_${group}")
  set_property(GLOBAL PROPERTY ${prefix}_SUITE "${suite}")
  set_property(GLOBAL PROPERTY ${prefix}_NAMES "${names}")
  set_property(GLOBAL PROPERTY ${prefix}_PROGRAMS "${programs}")
  set_property(GLOBAL PROPERTY ${prefix}_ARGUMENTS "${arguments}")
  if(NOT kind STREQUAL "COMMAND")
    set_property(GLOBAL PROPERTY ${prefix}_KIND ${kind})
    set_property(GLOBAL PROPERTY ${prefix}_SOURCES "${sources}")
    # Of a COMMAND the values are the test's own.
    if(NOT "${keys}" STREQUAL "")
      set_property(GLOBAL PROPERTY ${prefix}_KEYS "${keys}")
      set_property(GLOBAL PROPERTY ${prefix}_VALUES "${values}")
    endif()
  endif()
  if(other_keys)
    set_property(GLOBAL PROPERTY ${prefix}_OTHER_KEYS "${other_keys}")
  endif()
  if(NOT kind STREQUAL "SOURCES")
    set(bundle FALSE)
  endif()
  if(bundle)
    set_property(GLOBAL PROPERTY ${prefix}_BUNDLE TRUE)
  endif()
  # Of a configuration that nobody tests the properties can be set and read, and ctest has no test.
  set(never "")
  if(ctest_cases)
    set_property(GLOBAL PROPERTY ${prefix}_CTEST_CASES TRUE)
    set_property(GLOBAL PROPERTY "_ParallelTests_CTEST_CASES:${CMAKE_CURRENT_BINARY_DIR}" TRUE)
    set(never CONFIGURATIONS ParallelTests_never)
  endif()
  if(emulation STREQUAL "NEW")
    set_property(GLOBAL PROPERTY ${prefix}_EMULATION NEW)
    cmake_policy(SET CMP0158 NEW)
  endif()

  set(add_code "")
  string(ASCII 1 mark)
  if("${programs};${arguments}" MATCHES "${mark}")
    _paralleltests_add_code()
  endif()
  foreach(name program source IN ZIP_LISTS names programs sources)
    if(NOT name MATCHES "^[-A-Za-z0-9_./:+]+$")
      _paralleltests_decode(name "${name}")
    endif()
    # Unique in the whole build: tests are selected by their names.
    get_property(owner GLOBAL PROPERTY "_ParallelTests_NAME:${name}")
    if(owner OR TEST "${name}")
      _paralleltests_fail_taken("${name}" "${owner}")
    endif()
    set_property(GLOBAL PROPERTY "_ParallelTests_NAME:${name}" "${CMAKE_CURRENT_LIST_FILE}")
    if(add_code)
      _paralleltests_decode(program "${program}")
      cmake_language(EVAL CODE "${add_code}")
    else()
      add_test(NAME "${name}" COMMAND ${program} ${arguments} ${never})
    endif()
    if(source AND NOT bundle)
      set_property(TEST "${name}" PROPERTY DEF_SOURCE_LINE "${source}:1")
    endif()
    foreach(key value IN ZIP_LISTS keys values)
      if(NOT value MATCHES "^[-A-Za-z0-9_./:+]+$")
        _paralleltests_decode(value "${value}")
      endif()
      set_property(TEST "${name}" PROPERTY ${key} "${value}")
    endforeach()
  endforeach()
endfunction()

# Sets `add_code` in _paralleltests_register: an add_test whose arguments are
# references to variables, which hold any string, and these variables.
macro(_paralleltests_add_code)
  set(add_code "add_test(NAME \"\${name}\" COMMAND \"\${program}\"")
  set(index 0)
  foreach(argument IN LISTS arguments)
    _paralleltests_decode(argument_${index} "${argument}")
    string(APPEND add_code " \"\${argument_${index}}\"")
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND add_code " \${never})")
endmacro()

function(_paralleltests_fail_taken name owner)
  if(NOT owner)
    set(owner "an add_test in this directory")
  endif()
  _paralleltests_fail("${who}" "test \"${name}\" exists already, from ${owner}; choose another name")
endfunction()

# Numbers a group, notes its suite and its directory, and sees to it that the end
# of configuration comes back here.
function(_paralleltests_begin_group out suite)
  get_property(written GLOBAL PROPERTY "_ParallelTests_WRITTEN")
  if(written)
    _paralleltests_fail("${who}"
      "declared after the end of configuration; declare it without cmake_language(DEFER)")
  endif()
  get_property(group GLOBAL PROPERTY "_ParallelTests_COUNT")
  math(EXPR group "0${group} + 1")
  set_property(GLOBAL PROPERTY _ParallelTests_COUNT ${group})
  set(${out} ${group} PARENT_SCOPE)

  get_property(known GLOBAL PROPERTY "_ParallelTests_SUITE:${suite}")
  if(NOT known)
    set_property(GLOBAL PROPERTY "_ParallelTests_SUITE:${suite}" "${CMAKE_CURRENT_SOURCE_DIR}")
    _paralleltests_encode(coded "${suite}")
    set_property(GLOBAL APPEND PROPERTY _ParallelTests_SUITES "${coded}")
  endif()
  set_property(GLOBAL APPEND PROPERTY "_ParallelTests_GROUPS:${CMAKE_CURRENT_BINARY_DIR}" ${group})
  get_property(deferred GLOBAL PROPERTY "_ParallelTests_FINISHED:${CMAKE_CURRENT_BINARY_DIR}")
  if(NOT deferred)
    set_property(GLOBAL PROPERTY "_ParallelTests_FINISHED:${CMAKE_CURRENT_BINARY_DIR}" TRUE)
    _paralleltests_defer()
  endif()
endfunction()

# Defers the work at the end of this directory and of the top one. ctest reaches
# a test only if testing is enabled in each directory from the top to it.
function(_paralleltests_defer)
  set(directory "${CMAKE_CURRENT_BINARY_DIR}")
  while(directory)
    get_property(deferred GLOBAL PROPERTY "_ParallelTests_DEFERRED:${directory}")
    if(deferred)
      break()
    endif()
    set_property(GLOBAL PROPERTY "_ParallelTests_DEFERRED:${directory}" TRUE)
    if(NOT DEFINED BUILD_TESTING OR BUILD_TESTING)
      cmake_language(DEFER DIRECTORY "${directory}" CALL enable_testing)
    endif()
    if(directory STREQUAL CMAKE_BINARY_DIR)
      cmake_language(DEFER DIRECTORY "${directory}" CALL _paralleltests_finish)
      break()
    endif()
    get_property(parent DIRECTORY "${directory}" PROPERTY PARENT_DIRECTORY)
    get_property(directory DIRECTORY "${parent}" PROPERTY BINARY_DIR)
  endwhile()
  if(NOT CMAKE_CURRENT_BINARY_DIR STREQUAL CMAKE_BINARY_DIR)
    cmake_language(DEFER CALL _paralleltests_finish_directory)
  endif()
endfunction()

# ---- The end of a directory -------------------------------------------------

# What is visible only here: local imported executables and, before CMake 3.28,
# the properties of the directory's tests.
function(_paralleltests_finish_directory)
  set(directory "${CMAKE_CURRENT_BINARY_DIR}")
  _paralleltests_note_imported("${directory}")
  if(CMAKE_VERSION VERSION_LESS 3.28)
    _paralleltests_note_tests("${directory}")
  endif()
endfunction()

cmake_policy(POP)
