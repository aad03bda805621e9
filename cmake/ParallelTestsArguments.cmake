# Private to ParallelTests: arguments carried through CMake's lists unchanged.
#
# A CMake list cannot hold every string: `;` splits, an unbalanced `[` or `]`
# keeps the following `;` from splitting, `\` escapes a `;`, and empty elements
# are dropped. A *coded* string has each of these replaced by the control
# character 0x01 and a letter; a coded list holds coded strings.

include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

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

cmake_policy(POP)
