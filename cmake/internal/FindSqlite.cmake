# Sqlite::sqlite, the static archive where there is one: ptests starts faster. Not named as CMake's own module, so that this one stays out
# of the way of projects that add this repository.
find_path(Sqlite_INCLUDE_DIR sqlite3.h)
find_library(Sqlite_LIBRARY NAMES libsqlite3.a sqlite3)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Sqlite REQUIRED_VARS Sqlite_LIBRARY Sqlite_INCLUDE_DIR)
mark_as_advanced(Sqlite_INCLUDE_DIR Sqlite_LIBRARY)

if(Sqlite_FOUND AND NOT TARGET Sqlite::sqlite)
  find_package(Threads REQUIRED)
  add_library(Sqlite::sqlite UNKNOWN IMPORTED)
  set_target_properties(Sqlite::sqlite PROPERTIES IMPORTED_LOCATION "${Sqlite_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${Sqlite_INCLUDE_DIR}")
  target_link_libraries(Sqlite::sqlite INTERFACE Threads::Threads ${CMAKE_DL_LIBS} m)
endif()
