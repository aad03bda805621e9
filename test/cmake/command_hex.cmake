# cmake -DFILE=<manifest> -DTEST=<index> -P command_hex.cmake: the arguments of a
# test, each a line of hexadecimal bytes.
cmake_minimum_required(VERSION 3.25)
file(READ "${FILE}" json)
string(JSON count LENGTH "${json}" tests ${TEST} command)
math(EXPR last "${count} - 1")
foreach(index RANGE 1 ${last})
  string(JSON word GET "${json}" tests ${TEST} command ${index})
  string(HEX "${word}" hex)
  message("${hex}")
endforeach()
