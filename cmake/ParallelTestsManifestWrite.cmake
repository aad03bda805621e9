# Private to ParallelTests: the manifest, collected and written at the end of
# configuration. Its format is share/manifest-v1.schema.json.
#
# Long text grows in global properties, which append in place; a variable would be
# copied for each test.

include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

function(_paralleltests_finish)
  set_property(GLOBAL PROPERTY _ParallelTests_WRITTEN TRUE)
  _paralleltests_walk("${CMAKE_BINARY_DIR}" TRUE)
  get_property(count GLOBAL PROPERTY "_ParallelTests_COUNT")
  get_property(collected GLOBAL PROPERTY "_ParallelTests_COLLECTED")
  if(NOT count EQUAL collected)
    message(FATAL_ERROR "ParallelTests: a source directory that declares tests is added twice "
      "(add_subdirectory with two binary directories); add it once.")
  endif()
  _paralleltests_write_manifest()
  _paralleltests_add_check_targets()
  _paralleltests_add_launchers()
endfunction()

# Collects a directory and those below it in the order in which ctest reads them.
# `read` tells whether ctest gets there.
function(_paralleltests_walk directory read)
  # Of a source directory added twice CMake tells only one binary directory.
  get_property(seen GLOBAL PROPERTY "_ParallelTests_SEEN:${directory}")
  if(seen)
    return()
  endif()
  set_property(GLOBAL PROPERTY "_ParallelTests_SEEN:${directory}" TRUE)
  get_directory_property(enabled DIRECTORY "${directory}" DEFINITION CMAKE_TESTING_ENABLED)
  if(NOT enabled)
    set(read FALSE)
  endif()
  _paralleltests_collect_executables("${directory}")
  get_property(groups GLOBAL PROPERTY "_ParallelTests_GROUPS:${directory}")
  if(groups AND NOT (CMAKE_VERSION VERSION_LESS 3.28 AND NOT directory STREQUAL CMAKE_BINARY_DIR))
    _paralleltests_note_tests("${directory}")
  endif()
  _paralleltests_collect_tests("${directory}" "${groups}")
  if(read)
    _paralleltests_note_other_tests("${directory}" "${groups}")
  endif()
  get_property(children DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
  foreach(child IN LISTS children)
    get_property(child DIRECTORY "${child}" PROPERTY BINARY_DIR)
    _paralleltests_walk("${child}" ${read})
  endforeach()
endfunction()

function(_paralleltests_collect_executables directory)
  get_property(targets DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
  _paralleltests_json_string(folder "${directory}")
  foreach(target IN LISTS targets)
    get_property(type TARGET ${target} PROPERTY TYPE)
    if(type STREQUAL "EXECUTABLE")
      set_property(GLOBAL APPEND_STRING PROPERTY _ParallelTests_EXECUTABLES
        ",\n    {\"target\": \"${target}\", \"file\": \"$<TARGET_FILE:${target}>\", \"directory\": ${folder}}")
    endif()
  endforeach()
endfunction()

# ctest has tests that are not ours if the directory names more than ours: every
# other name, even an empty one, makes the list of the names longer.
function(_paralleltests_note_other_tests directory groups)
  get_property(files DIRECTORY "${directory}" PROPERTY TEST_INCLUDE_FILES)
  get_property(file DIRECTORY "${directory}" PROPERTY TEST_INCLUDE_FILE)
  get_property(tests DIRECTORY "${directory}" PROPERTY TESTS)
  string(LENGTH "${tests}" length)
  set(ours "")
  foreach(group IN LISTS groups)
    get_property(names GLOBAL PROPERTY "_ParallelTests_${group}_NAMES")
    list(APPEND ours "${names}")
  endforeach()
  _paralleltests_decode(ours "${ours}")
  string(LENGTH "${ours}" expected)
  if(files OR file OR NOT length EQUAL expected)
    set_property(GLOBAL PROPERTY _ParallelTests_OTHER_TESTS TRUE)
  endif()
endfunction()

# Appends the tests of a directory.
function(_paralleltests_collect_tests directory groups)
  _paralleltests_emulates(emulate_ OLD "${directory}")
  _paralleltests_emulates(emulate_NEW NEW "${directory}")
  get_property(imported GLOBAL PROPERTY "_ParallelTests_IMPORTED:${directory}")
  foreach(group IN LISTS groups)
    set(prefix "_ParallelTests_${group}")
    get_property(kind GLOBAL PROPERTY ${prefix}_KIND)
    get_property(suite GLOBAL PROPERTY ${prefix}_SUITE)
    get_property(names GLOBAL PROPERTY ${prefix}_NAMES)
    get_property(programs GLOBAL PROPERTY ${prefix}_PROGRAMS)
    get_property(arguments GLOBAL PROPERTY ${prefix}_ARGUMENTS)
    get_property(sources GLOBAL PROPERTY ${prefix}_SOURCES)
    get_property(emulation GLOBAL PROPERTY ${prefix}_EMULATION)
    set(emulate ${emulate_${emulation}})
    _paralleltests_json_following(arguments "${arguments}")
    foreach(name program source IN ZIP_LISTS names programs sources)
      # The two common cases without a call, for the sake of large projects.
      set(plain FALSE)
      if("${name}${suite}${source}${program}" MATCHES "^[-A-Za-z0-9_./:+]+$" AND NOT imported)
        if(kind STREQUAL "SOURCES")
          get_property(emulator TARGET ${program} PROPERTY CROSSCOMPILING_EMULATOR)
          get_property(launcher TARGET ${program} PROPERTY TEST_LAUNCHER)
          if("${emulator}${launcher}" STREQUAL "")
            set(plain TRUE)
            set(head "{\"name\": \"${name}\", \"suite\": \"${suite}\", \"target\": \"${program}\", \"sources\": [\"${source}\"]")
            set(json "\"$<TARGET_FILE:${program}>\"")
          endif()
        elseif(NOT kind AND NOT TARGET "${program}")
          set(plain TRUE)
          set(head "{\"name\": \"${name}\", \"suite\": \"${suite}\"")
          set(json "\"${program}\"")
        endif()
      endif()
      if(NOT plain)
        _paralleltests_describe_test()
      endif()
      get_property(properties GLOBAL PROPERTY "_ParallelTests_JSON:${name}")
      set(test "${head},\n      \"command\": [${json}${arguments}]${properties}}")
      if(imported)
        _paralleltests_localize(test "${test}" "${directory}")
      endif()
      set_property(GLOBAL APPEND_STRING PROPERTY _ParallelTests_TESTS ",\n    ${test}")
    endforeach()
  endforeach()
  list(LENGTH groups count)
  get_property(collected GLOBAL PROPERTY "_ParallelTests_COLLECTED")
  math(EXPR collected "0${collected} + ${count}")
  set_property(GLOBAL PROPERTY _ParallelTests_COLLECTED ${collected})
endfunction()

# Sets `head` (the members before "command"), `json` (launcher and program) and the
# decoded `name` of a test in _paralleltests_collect_tests.
macro(_paralleltests_describe_test)
  _paralleltests_decode(name "${name}")
  _paralleltests_decode(program "${program}")
  _paralleltests_program("${kind}" "${program}" ${emulate} "${directory}")
  if(kind STREQUAL "TARGETS" AND target)
    _paralleltests_target_sources(source ${target})
  endif()
  _paralleltests_json_string(name_json "${name}")
  _paralleltests_json_string(suite_json "${suite}")
  set(head "{\"name\": ${name_json}, \"suite\": ${suite_json}")
  if(target)
    string(APPEND head ", \"target\": \"${target}\"")
  endif()
  if(source)
    _paralleltests_json_array(sources_json "${source}")
    string(APPEND head ", \"sources\": ${sources_json}")
  endif()
endmacro()

# The source files of a target, absolute, without those only generation knows.
function(_paralleltests_target_sources out target)
  set(files "")
  get_property(sources TARGET ${target} PROPERTY SOURCES)
  get_property(folder TARGET ${target} PROPERTY SOURCE_DIR)
  foreach(source IN LISTS sources)
    if(NOT source MATCHES "\\$<|>")
      cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY "${folder}" NORMALIZE)
      if(EXISTS "${source}")
        list(APPEND files "${source}")
      endif()
    endif()
  endforeach()
  set(${out} "${files}" PARENT_SCOPE)
endfunction()

# The parts of an array, each after a comma and a newline, as the array.
function(_paralleltests_array out parts)
  if(parts STREQUAL "")
    set(${out} "[]" PARENT_SCOPE)
  else()
    string(SUBSTRING "${parts}" 1 -1 parts)
    set(${out} "[${parts}\n  ]" PARENT_SCOPE)
  endif()
endfunction()

function(_paralleltests_write_manifest)
  get_property(tests GLOBAL PROPERTY "_ParallelTests_TESTS")
  _paralleltests_array(tests "${tests}")
  get_property(executables GLOBAL PROPERTY "_ParallelTests_EXECUTABLES")
  _paralleltests_array(executables "${executables}")
  set(suites "")
  get_property(names GLOBAL PROPERTY "_ParallelTests_SUITES")
  foreach(name IN LISTS names)
    _paralleltests_decode(name "${name}")
    get_property(folder GLOBAL PROPERTY "_ParallelTests_SUITE:${name}")
    _paralleltests_json_string(name "${name}")
    _paralleltests_json_string(folder "${folder}")
    string(APPEND suites ",\n    {\"name\": ${name}, \"directory\": ${folder}}")
  endforeach()
  _paralleltests_array(suites "${suites}")
  set(other false)
  get_property(found GLOBAL PROPERTY "_ParallelTests_OTHER_TESTS")
  if(found)
    set(other true)
  endif()
  foreach(variable IN ITEMS CMAKE_SOURCE_DIR CMAKE_BINARY_DIR CMAKE_GENERATOR CMAKE_COMMAND
      CMAKE_CTEST_COMMAND CMAKE_MAKE_PROGRAM)
    _paralleltests_json_string(json_${variable} "${${variable}}")
  endforeach()
  file(GENERATE
    OUTPUT "${CMAKE_BINARY_DIR}/paralleltests/manifest$<$<NOT:$<STREQUAL:$<CONFIG>,>>:-$<CONFIG>>.json"
    CONTENT "{
  \"version\": 1,
  \"source_directory\": ${json_CMAKE_SOURCE_DIR},
  \"build_directory\": ${json_CMAKE_BINARY_DIR},
  \"generator\": ${json_CMAKE_GENERATOR},
  \"configuration\": \"$<CONFIG>\",
  \"tool\": {\"cmake\": ${json_CMAKE_COMMAND}, \"ctest\": ${json_CMAKE_CTEST_COMMAND}, \"build\": ${json_CMAKE_MAKE_PROGRAM}},
  \"other_tests\": ${other},
  \"executables\": ${executables},
  \"suites\": ${suites},
  \"tests\": ${tests}
}
")
endfunction()

cmake_policy(POP)
