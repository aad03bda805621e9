# Private to ParallelTests: the arguments of the public commands, carried through CMake's
# lists unchanged and checked.
#
# A CMake list cannot hold every string: `;` splits, an unbalanced `[` or `]`
# keeps the following `;` from splitting, `\` escapes a `;`, and empty elements
# are dropped. A *coded* string has each of these replaced by the control
# character 0x01 and a letter; a coded list holds coded strings.

include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

# ---- Codes ------------------------------------------------------------------

# Codes one string.
function(_paralleltests_encode out value)
  if(value MATCHES "^[-A-Za-z0-9_./:=+,*$<> ]+$")
    set(${out} "${value}" PARENT_SCOPE)
    return()
  endif()
  string(ASCII 1 mark)
  if(value STREQUAL "")
    set(${out} "${mark}n" PARENT_SCOPE)
    return()
  endif()
  string(REPLACE "${mark}" "${mark}0" value "${value}")
  string(REPLACE ";" "${mark}s" value "${value}")
  string(REPLACE "[" "${mark}o" value "${value}")
  string(REPLACE "]" "${mark}c" value "${value}")
  string(REPLACE "\\" "${mark}b" value "${value}")
  set(${out} "${value}" PARENT_SCOPE)
endfunction()

# Decodes one coded string. Of a coded list it makes the plain text with the
# elements separated by `;`, which is what CMake's own commands would have seen.
function(_paralleltests_decode out value)
  string(ASCII 1 mark)
  string(FIND "${value}" "${mark}" found)
  if(NOT found EQUAL -1)
    string(REPLACE "${mark}n" "" value "${value}")
    string(REPLACE "${mark}s" ";" value "${value}")
    string(REPLACE "${mark}o" "[" value "${value}")
    string(REPLACE "${mark}c" "]" value "${value}")
    string(REPLACE "${mark}b" "\\" value "${value}")
    string(REPLACE "${mark}0" "${mark}" value "${value}")
  endif()
  set(${out} "${value}" PARENT_SCOPE)
endfunction()

# ---- Checks -----------------------------------------------------------------

function(_paralleltests_fail who text)
  message(FATAL_ERROR "ParallelTests: ${who}: ${text}.")
endfunction()

# Sets `name`, `suite` and `who` in add_parallel_test and checks them.
macro(_paralleltests_check_test)
  set(name "${_pt_NAME}")
  set(suite "${_pt_SUITE}")
  set(who "suite \"${suite}\": test \"${name}\"")
  if(DEFINED _pt_UNPARSED_ARGUMENTS OR DEFINED _pt_KEYWORDS_MISSING_VALUES OR NOT DEFINED _pt_COMMAND
      OR NOT "${name}|${suite}" MATCHES "^[-A-Za-z0-9_./:+]+[|][-A-Za-z0-9_./:+]+$"
      OR "${_pt_COMMAND};${_pt_ARGS}" MATCHES "CONFIGURATIONS|COMMAND_EXPAND_LISTS")
    _paralleltests_check_test_slowly()
  endif()
endmacro()

macro(_paralleltests_check_test_slowly)
  list(APPEND single NAME SUITE)
  list(APPEND multiple COMMAND)
  _paralleltests_decode(name "${_pt_NAME}")
  _paralleltests_decode(suite "${_pt_SUITE}")
  set(who "test \"${name}\"")
  if(name STREQUAL "")
    set(who "add_parallel_test")
  endif()
  _paralleltests_check_parsed("${who}")
  _paralleltests_check_name("${who}" "NAME" "${name}")
  _paralleltests_check_name("${who}" "SUITE" "${suite}")
  set(who "suite \"${suite}\": test \"${name}\"")
  if(NOT DEFINED _pt_COMMAND)
    _paralleltests_fail("${who}" "COMMAND: nothing to run; give a program or an executable target")
  endif()
endmacro()

# What no name of a suite or a test may be. `any_name` is the caller's CMP0110.
function(_paralleltests_check_name who argument name)
  if(name MATCHES "^[-A-Za-z0-9_./:+]+$")
    return()
  elseif(name STREQUAL "")
    _paralleltests_fail("${who}" "${argument} is missing or empty; give one")
  elseif(name MATCHES "\n|\r")
    _paralleltests_fail("${who}" "${argument} has a line break; leave it out")
  elseif(name MATCHES "\\$<")
    _paralleltests_fail("${who}" "${argument} has a generator expression, which names cannot; write the text itself")
  elseif(NOT any_name STREQUAL "NEW" AND name MATCHES "[][$ #;\t\"\\\\]")
    _paralleltests_fail("${who}"
      "${argument} has characters that CMake takes only with policy CMP0110; call cmake_minimum_required(VERSION 3.19) or later, or set the policy to NEW")
  endif()
endfunction()

function(_paralleltests_fail_unknown who unknown)
  set(known ${single} ${multiple})
  list(SORT known)
  list(JOIN known " " known)
  _paralleltests_fail("${who}" "unknown argument \"${unknown}\"; the keywords are ${known}")
endfunction()

function(_paralleltests_check_parsed who)
  foreach(keyword IN LISTS _pt_KEYWORDS_MISSING_VALUES)
    if(keyword STREQUAL "PROPERTIES")
      _paralleltests_fail("${who}"
        "PROPERTIES: no pairs <property> <value>; a property with a keyword of its own is set by that")
    elseif(keyword IN_LIST single)
      _paralleltests_fail("${who}" "${keyword}: no value; give one or leave the keyword out")
    endif()
  endforeach()
  if(DEFINED _pt_UNPARSED_ARGUMENTS)
    list(GET _pt_UNPARSED_ARGUMENTS 0 unknown)
    _paralleltests_decode(unknown "${unknown}")
    _paralleltests_fail_unknown("${who}" "${unknown}")
  endif()
  foreach(keyword IN ITEMS CONFIGURATIONS COMMAND_EXPAND_LISTS)
    if(";${_pt_ARGS};${_pt_COMMAND};" MATCHES ";${keyword};")
      _paralleltests_fail("${who}" "unknown keyword ${keyword}; if it is an argument of the test, write $<1:${keyword}>")
    endif()
  endforeach()
endfunction()

function(_paralleltests_check_what who)
  if("${_pt_SOURCES}${_pt_TARGETS}" STREQUAL "")
    _paralleltests_fail("${who}" "no tests; give SOURCES or TARGETS")
  endif()
  if(DEFINED _pt_BUNDLE AND NOT DEFINED _pt_SOURCES)
    _paralleltests_fail("${who}" "BUNDLE links SOURCES together, but there are none; give some, or leave it out")
  endif()
  foreach(keyword IN LISTS how_to_build ITEMS MAIN)
    if(DEFINED _pt_${keyword} AND NOT DEFINED _pt_SOURCES)
      _paralleltests_fail("${who}"
        "${keyword} says how to build SOURCES, but there are none; set it on the targets in TARGETS by CMake's own commands")
    endif()
  endforeach()
endfunction()

# Sets the variable of a keyword whose value may be left out, checked; leaves it undefined without the keyword.
function(_paralleltests_optional_value who keyword default)
  if(DEFINED _pt_${keyword})
    get_property(kind GLOBAL PROPERTY _ParallelTests_KIND:${keyword})
    _paralleltests_check_value("${who}" ${keyword} ${kind} "${_pt_${keyword}}")
  elseif(keyword IN_LIST _pt_KEYWORDS_MISSING_VALUES)
    set(_pt_${keyword} ${default} PARENT_SCOPE)
  endif()
endfunction()

cmake_policy(POP)
