# cmake -DFILE=<json> -DKEYS=<key>/<key>... -P json.cmake: prints one value. The key
# `#` prints the length instead.
cmake_minimum_required(VERSION 3.25)
file(READ "${FILE}" json)
string(REPLACE "/" ";" keys "${KEYS}")
list(GET keys -1 last)
if(last STREQUAL "#")
  list(POP_BACK keys)
  string(JSON value LENGTH "${json}" ${keys})
else()
  string(JSON value ERROR_VARIABLE error GET "${json}" ${keys})
  if(error)
    set(value "(none)")
  endif()
endif()
# message() ends with a newline, as echo does.
message("${value}")
