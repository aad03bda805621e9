# cmake -D directory=<build directory> -P manifest.cmake
# Its CTestTestfile.cmake as the manifest our module writes: ctest does not tell us of properties it does not know.
cmake_minimum_required(VERSION 3.25)

function(quote variable text)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n" text "${text}")
  string(REPLACE "\r" "\\r" text "${text}")
  string(REPLACE "\t" "\\t" text "${text}")
  set(${variable} "\"${text}\"" PARENT_SCOPE)
endfunction()

# The arguments one by one: lists would lose empty ones and break those with a semicolon.
function(add_test name)
  set(words "")
  math(EXPR last "${ARGC} - 1")
  foreach(i RANGE 1 ${last})
    quote(word "${ARGV${i}}")
    string(APPEND words "${words_separator}${word}")
    set(words_separator ", ")
  endforeach()
  set_property(GLOBAL APPEND PROPERTY names "${name}")
  set_property(GLOBAL PROPERTY "command of ${name}" "${words}")
endfunction()

function(set_tests_properties name keyword)
  set(members "")
  math(EXPR last "${ARGC} - 1")
  foreach(i RANGE 2 ${last} 2)
    math(EXPR next "${i} + 1")
    quote(key "${ARGV${i}}")
    quote(value "${ARGV${next}}")
    string(APPEND members "${members_separator}${key}: ${value}")
    set(members_separator ", ")
  endforeach()
  set_property(GLOBAL PROPERTY "properties of ${name}" "${members}")
endfunction()

include("${directory}/CTestTestfile.cmake")

quote(build "${directory}")
get_property(names GLOBAL PROPERTY names)
set(tests "")
foreach(name IN LISTS names)
  get_property(command GLOBAL PROPERTY "command of ${name}")
  get_property(properties GLOBAL PROPERTY "properties of ${name}")
  quote(name "${name}")
  string(APPEND tests "${separator}
    {\"name\": ${name}, \"suite\": \"suite\", \"command\": [${command}], \"cwd\": ${build},
     \"properties\": {${properties}}}")
  set(separator ",")
endforeach()
file(WRITE "${directory}/paralleltests/manifest.json" "{\"version\": 1,
  \"source_directory\": ${build}, \"build_directory\": ${build}, \"generator\": \"none\", \"configuration\": \"\",
  \"tool\": {\"cmake\": \"true\", \"ctest\": \"ctest\", \"build\": \"none\"}, \"other_tests\": false, \"executables\": [],
  \"suites\": [{\"name\": \"suite\", \"directory\": ${build}}],
  \"tests\": [${tests}]}
")
