# Private to ParallelTests: the main we provide for a framework, and which sources have
# one of their own.
#
# Ours is in an archive that stands before LINK_LIBRARIES: the linker takes it only when
# nothing before it has defined main. So a source whose main was not seen still has its own,
# and a main in a library (GTest::gtest_main) stays where it is.

include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

# Our headers and mains. In an installed package the package file knows where.
get_property(_paralleltests_include GLOBAL PROPERTY _ParallelTests_INCLUDE)
if(NOT _paralleltests_include)
  cmake_path(SET _paralleltests_include NORMALIZE "${CMAKE_CURRENT_LIST_DIR}/../include")
  set_property(GLOBAL PROPERTY _ParallelTests_INCLUDE "${_paralleltests_include}")
endif()
unset(_paralleltests_include)
set_property(GLOBAL PROPERTY _ParallelTests_MAINS doctest gtest catch2)

# What judges a process as a whole has nothing to say where each case is judged. Reads
# the parsed arguments, `keys` and `values`.
function(_paralleltests_check_framework who)
  if("${_pt_FRAMEWORK}" MATCHES "^(exitcode)?$")
    return()
  endif()
  foreach(key value IN ZIP_LISTS keys values)
    if(key MATCHES "^(PASS|FAIL|SKIP)_REGULAR_EXPRESSION$" AND NOT "${value}" STREQUAL "")
      set(why "judges the output of a whole process")
    elseif(key STREQUAL "SKIP_RETURN_CODE" AND NOT "${value}" STREQUAL "")
      set(why "judges the exit code of a whole process")
    elseif(key STREQUAL "WILL_FAIL" AND NOT "${value}" MATCHES "^(0|[Oo][Ff][Ff]|[Nn][Oo]?|[Ff][Aa][Ll][Ss][Ee]|)$")
      set(why "inverts the result of a whole process")
    elseif(key STREQUAL "PTESTS_CAPTURE" AND value STREQUAL "none")
      set(key "CAPTURE none")
      set(why "keeps nothing of the output of a process")
    else()
      continue()
    endif()
    _paralleltests_fail("${who}"
      "${key} ${why}, and with FRAMEWORK ${_pt_FRAMEWORK} each test case in it has a result and an output of its own; leave one of the two out")
  endforeach()
endfunction()

# Fails for a keyword that is about test cases when the framework lists none. Reads the parsed arguments.
function(_paralleltests_check_has_cases who keyword what)
  if("${_pt_FRAMEWORK}" MATCHES "^(doctest|gtest|catch2|boost)$")
    return()
  endif()
  set(framework exitcode)
  if(DEFINED _pt_FRAMEWORK)
    set(framework "${_pt_FRAMEWORK}")
  endif()
  _paralleltests_fail("${who}"
    "${keyword} ${what}, and FRAMEWORK ${framework} lists none; give FRAMEWORK doctest, gtest, catch2 or boost, or leave ${keyword} out")
endfunction()

# Whether the text of a source defines main, or has its framework do so. Words behind a `/`
# or a `*` do not count: most of them are in a comment. In other comments they do, which is
# the side to err on: the linker says at once that main is missing.
function(_paralleltests_has_main out file)
  set(found "")
  set(text "")
  set(some FALSE)
  if(EXISTS "${file}")
    file(READ "${file}" text)
  endif()
  # Most sources need no look at each line, which takes eight times as long.
  foreach(word IN ITEMS main CONFIG_IMPLEMENT CATCH_CONFIG_ BOOST_TEST_M)
    string(FIND "${text}" "${word}" place)
    if(place GREATER -1)
      set(some TRUE)
    endif()
  endforeach()
  if(some)
    file(STRINGS "${file}" found LIMIT_COUNT 1 ENCODING UTF-8 REGEX
      "^([^/*]*[^/*A-Za-z0-9_.:>])?(main[ \t]*\\(|DOCTEST_CONFIG_IMPLEMENT(_WITH_MAIN)?([^A-Z_]|$)|CATCH_CONFIG_(MAIN|RUNNER)|BOOST_TEST_(MODULE|MAIN))")
  endif()
  if("${found}" STREQUAL "")
    set(${out} FALSE PARENT_SCOPE)
  else()
    set(${out} TRUE PARENT_SCOPE)
  endif()
endfunction()

# The files that have a main of their own, and counts them for the suite's warning.
function(_paralleltests_find_own_mains out suite framework files)
  set(own "")
  if("${compile_definitions};${compile_options}" MATCHES "DOCTEST_CONFIG_IMPLEMENT(_WITH_MAIN)?([^A-Z_]|$)|CATCH_CONFIG_(MAIN|RUNNER)")
    set(own "${files}")
  else()
    foreach(file IN LISTS files)
      _paralleltests_has_main(has_main "${file}")
      if(has_main)
        list(APPEND own "${file}")
      endif()
    endforeach()
  endif()
  set(${out} "${own}" PARENT_SCOPE)
  # A main of GoogleTest compiles nothing of it: its library has that.
  if(NOT framework STREQUAL "gtest")
    foreach(list IN ITEMS own files)
      list(LENGTH ${list} count)
      get_property(before GLOBAL PROPERTY "_ParallelTests_MAINS_${list}:${suite}")
      math(EXPR count "0${before} + ${count}")
      set_property(GLOBAL PROPERTY "_ParallelTests_MAINS_${list}:${suite}" ${count})
    endforeach()
  endif()
endfunction()

# At the end of configuration, of all calls of a suite at once.
function(_paralleltests_warn_of_own_mains)
  get_property(suites GLOBAL PROPERTY "_ParallelTests_SUITES")
  foreach(coded IN LISTS suites)
    _paralleltests_decode(suite "${coded}")
    get_property(own GLOBAL PROPERTY "_ParallelTests_MAINS_own:${suite}")
    get_property(all GLOBAL PROPERTY "_ParallelTests_MAINS_files:${suite}")
    if(own GREATER 0 AND all GREATER 1)
      message(AUTHOR_WARNING "ParallelTests: suite \"${suite}\": ${own} of ${all} sources have a main of their own, "
        "each with the framework compiled into it; they keep it. With one that all share a clean build is about three times "
        "faster: 60 files of doctest, 38 s instead of 126 s. Take theirs out and say MAIN paralleltests; or say MAIN none, "
        "if they are meant to stay.")
    endif()
  endforeach()
endfunction()

# The archive of our main for the suite's framework, built as its tests are.
function(_paralleltests_add_our_main out suite framework)
  _paralleltests_target_name(name "paralleltests-main-${suite}")
  _paralleltests_free_target_name(name "${name}")
  get_property(include GLOBAL PROPERTY _ParallelTests_INCLUDE)
  add_library(${name} STATIC EXCLUDE_FROM_ALL "${include}/paralleltests/main/${framework}.cpp")
  _paralleltests_set_up_target(${name})
  # Nobody wants to hear what a strict project would say of it, and of the framework in it.
  target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-w>)
  set_target_properties(${name} PROPERTIES CXX_CLANG_TIDY "" CXX_CPPCHECK "" CXX_CPPLINT "" CXX_INCLUDE_WHAT_YOU_USE "")
  set(${out} ${name} PARENT_SCOPE)
endfunction()

cmake_policy(POP)
