# Libuv::libuv, the static archive where there is one: a dynamic loader's work would be paid at every start of ptests.
pkg_check_modules(PC_LIBUV QUIET libuv)
find_path(Libuv_INCLUDE_DIR uv.h HINTS ${PC_LIBUV_INCLUDE_DIRS})
find_library(Libuv_LIBRARY NAMES libuv_a.a uv HINTS ${PC_LIBUV_LIBRARY_DIRS})
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libuv REQUIRED_VARS Libuv_LIBRARY Libuv_INCLUDE_DIR VERSION_VAR PC_LIBUV_VERSION)
mark_as_advanced(Libuv_INCLUDE_DIR Libuv_LIBRARY)

if(Libuv_FOUND AND NOT TARGET Libuv::libuv)
  find_package(Threads REQUIRED)
  add_library(Libuv::libuv UNKNOWN IMPORTED)
  set_target_properties(Libuv::libuv PROPERTIES IMPORTED_LOCATION "${Libuv_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${Libuv_INCLUDE_DIR}")
  target_link_libraries(Libuv::libuv INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
endif()
