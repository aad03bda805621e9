# Private to ParallelTests: CTEST_CASES, test cases as tests of ctest.
#
# Of such a test add_test registers nothing that ctest sees: the test is of a configuration
# that nobody tests. ctest reads it from a file of ours, one a directory and configuration,
# that is in the directory's TEST_INCLUDE_FILES. For each test that file includes the list
# of its cases, which ptests wrote. The list adds the cases if it is of the executable there
# is and of the command it would be run with; otherwise the file adds the test itself.
#
# The file holds the properties, so that those of the cases are never older than CMake's last
# configuration. What it and a list say to each other is version 1 of `_paralleltests_*`:
# `version`, `stamp` (size and time of the executable, empty if there is none), `command` and
# the function `set_properties`, which is about the test `test`; a list sets `listed`.

include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

# A value as an argument in CMake code that file(GENERATE) writes. Generator expressions in
# it are evaluated; a `$<` that opens none stays as it is.
function(_paralleltests_cmake_argument out value)
  if(value MATCHES "\\$<")
    string(GENEX_STRIP "${value}" rest)
    if(NOT rest MATCHES "\\$<")
      # The first line break in there is none.
      set(${out} "[======[\n${value}]======]" PARENT_SCOPE)
      return()
    endif()
  endif()
  if(NOT value MATCHES "^[-A-Za-z0-9_./:=+,* ]*$")
    string(REPLACE "\\" "\\\\" value "${value}")
    string(REPLACE "\"" "\\\"" value "${value}")
    string(REPLACE "\r" "\\r" value "${value}")
    string(REPLACE "$" "\\$" value "${value}")
    string(REPLACE "$<" "$\\<" value "${value}")
  endif()
  set(${out} "\"${value}\"" PARENT_SCOPE)
endfunction()

# Whether a test can have cases, by its `value_<key>` in _paralleltests_note_tests. What
# judges a process as a whole may have been set by set_tests_properties. WILL_FAIL is off
# only where that is certain now.
function(_paralleltests_can_have_cases out)
  set(can FALSE)
  if("${value_PTESTS_FRAMEWORK}" MATCHES "^(doctest|gtest|catch2|boost)$" AND NOT "${value_PTESTS_CAPTURE}" STREQUAL "none"
      AND "${value_PASS_REGULAR_EXPRESSION}${value_FAIL_REGULAR_EXPRESSION}${value_SKIP_REGULAR_EXPRESSION}${value_SKIP_RETURN_CODE}" STREQUAL ""
      AND "${value_WILL_FAIL}" MATCHES "^(0|[Oo][Ff][Ff]|[Nn][Oo]?|[Ff][Aa][Ll][Ss][Ee]|)$")
    set(can TRUE)
  endif()
  set(${out} ${can} PARENT_SCOPE)
endfunction()

# Notes the properties of a test, as arguments of set_tests_properties, and whether it can
# have cases. Reads `name`, `all`, `others` and the `value_<key>` of _paralleltests_note_tests.
function(_paralleltests_note_ctest_properties source_line)
  set(value_DEF_SOURCE_LINE "${source_line}")
  set(text "")
  set(keys ${all} ${others} DEF_SOURCE_LINE)
  list(REMOVE_DUPLICATES keys)
  foreach(key IN LISTS keys)
    if(NOT "${value_${key}}" STREQUAL "")
      _paralleltests_cmake_argument(value "${value_${key}}")
      string(APPEND text " ${key} ${value}")
    endif()
  endforeach()
  _paralleltests_can_have_cases(can)
  set_property(GLOBAL PROPERTY "_ParallelTests_CTEST_PROPERTIES:${name}" "${text}")
  set_property(GLOBAL PROPERTY "_ParallelTests_HAS_CASES:${name}" ${can})
endfunction()

# A directory's groups in the order in which ctest gets their tests: it reads files that are
# included first.
function(_paralleltests_ctest_order out directory groups)
  get_property(any GLOBAL PROPERTY "_ParallelTests_CTEST_CASES:${directory}")
  if(any)
    set(first "")
    set(rest "")
    foreach(group IN LISTS groups)
      get_property(ctest_cases GLOBAL PROPERTY "_ParallelTests_${group}_CTEST_CASES")
      if(ctest_cases)
        list(APPEND first ${group})
      else()
        list(APPEND rest ${group})
      endif()
    endforeach()
    set(groups ${first} ${rest})
  endif()
  set(${out} "${groups}" PARENT_SCOPE)
endfunction()

# Where ptests writes the cases of a test: a file name for any name of a test, with a hash of those that are not fit for one.
function(_paralleltests_list_file out name)
  string(REGEX REPLACE "[^A-Za-z0-9_.+-]" "_" file "${name}")
  string(LENGTH "${file}" length)
  if(NOT file STREQUAL name OR length GREATER 200)
    string(SUBSTRING "${file}" 0 160 file)
    string(SHA1 hash "${name}")
    string(APPEND file "-${hash}")
  endif()
  set(${out} "${CMAKE_BINARY_DIR}/paralleltests/ctest$<$<NOT:$<STREQUAL:$<CONFIG>,>>:-$<CONFIG>>/${file}.cmake" PARENT_SCOPE)
endfunction()

# Adds a test to the file of its directory, and to `head`, in _paralleltests_collect_tests,
# whose variables it reads.
macro(_paralleltests_add_ctest_cases)
  _paralleltests_ctest_code()
  set_property(GLOBAL APPEND_STRING PROPERTY "_ParallelTests_CTEST_CODE:${directory}" "${code}")
  _paralleltests_cmake_argument(argument "${name}")
  set_property(GLOBAL APPEND_STRING PROPERTY "_ParallelTests_CTEST_NAMES:${directory}" "  add_test(${argument} NOT_AVAILABLE)\n")
endmacro()

# Sets `code` and, when there may be a list, `head`.
function(_paralleltests_ctest_code)
  set(executable "$<TARGET_FILE:${program}>")
  set(command "${launcher_cmake}[======[\n${executable}]======]")
  foreach(argument IN LISTS coded_arguments)
    _paralleltests_decode(argument "${argument}")
    _paralleltests_cmake_argument(argument "${argument}")
    string(APPEND command " ${argument}")
  endforeach()
  _paralleltests_cmake_argument(test "${name}")
  get_property(properties GLOBAL PROPERTY "_ParallelTests_CTEST_PROPERTIES:${name}")
  set(body "")
  if(properties)
    set(body "\n  set_tests_properties(\"\${_paralleltests_test}\" PROPERTIES${properties})")
  endif()
  set(code "
function(_paralleltests_set_properties)${body}
endfunction()
set(_paralleltests_listed FALSE)
")
  get_property(has_cases GLOBAL PROPERTY "_ParallelTests_HAS_CASES:${name}")
  if(has_cases)
    _paralleltests_list_file(file "${name}")
    string(APPEND code "set(_paralleltests_command ${command})
_paralleltests_look([======[\n${file}]======] [======[\n${executable}]======])
if(_paralleltests_stamp)
  include([======[\n${file}]======])
endif()
")
    _paralleltests_json_string(json_file "${file}")
    string(APPEND head ",\n      \"ctest_cases\": {\"file\": ${json_file}, \"executable\": \"${executable}\"}")
    set(head "${head}" PARENT_SCOPE)
  endif()
  string(APPEND code "if(NOT _paralleltests_listed)
  set(_paralleltests_test ${test})
  add_test(\"\${_paralleltests_test}\" ${command})
  _paralleltests_set_properties()
endif()
")
  _paralleltests_localize(code "${code}" "${directory}")
  set(code "${code}" PARENT_SCOPE)
endfunction()

# Writes the file of a directory, and has ctest read it.
function(_paralleltests_write_ctest_cases directory)
  get_property(code GLOBAL PROPERTY "_ParallelTests_CTEST_CODE:${directory}")
  if("${code}" STREQUAL "")
    return()
  endif()
  # Not beside the reports, which people remove to have room.
  set(file "${directory}/CMakeFiles/paralleltests-cases")
  set(begin [[
# Made by ParallelTests: the tests of this directory whose test cases are tests of ctest.
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)
set(_paralleltests_version 1)
# A list that is not whole, or of no executable, is none.
function(_paralleltests_look list executable)
  set(stamp "")
  if(EXISTS "${list}" AND EXISTS "${executable}")
    file(READ "${list}" text)
    if(text MATCHES "\n# end\n$")
      file(SIZE "${executable}" size)
      file(TIMESTAMP "${executable}" time "%s.%f" UTC)
      set(stamp "${size} ${time}")
    endif()
  endif()
  set(_paralleltests_stamp "${stamp}" PARENT_SCOPE)
endfunction()
]])
  get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  set(generated "${file}.cmake")
  if(multi_config)
    set(generated "${file}-$<CONFIG>.cmake")
    _paralleltests_write_chooser("${file}" "${directory}")
  endif()
  file(GENERATE OUTPUT "${generated}" CONTENT "${begin}${code}\ncmake_policy(POP)\n")
  set_property(DIRECTORY "${directory}" APPEND PROPERTY TEST_INCLUDE_FILES "${file}.cmake")
endfunction()

# The file that includes that of the configuration which ctest was given. Without one ctest
# has the tests, and cannot run them.
function(_paralleltests_write_chooser file directory)
  get_property(tests GLOBAL PROPERTY "_ParallelTests_CTEST_NAMES:${directory}")
  set(text "cmake_policy(PUSH)\ncmake_policy(VERSION 3.25)\nstring(TOUPPER \"\${CTEST_CONFIGURATION_TYPE}\" _paralleltests_configuration)\n")
  set(word if)
  foreach(config IN LISTS CMAKE_CONFIGURATION_TYPES)
    string(TOUPPER "${config}" upper)
    string(APPEND text "${word}(_paralleltests_configuration STREQUAL \"${upper}\")\n  include(\"${file}-${config}.cmake\")\n")
    set(word elseif)
  endforeach()
  string(APPEND text "else()\n${tests}endif()\ncmake_policy(POP)\n")
  file(GENERATE OUTPUT "${file}.cmake" CONTENT "${text}")
endfunction()

cmake_policy(POP)
