set(name a)
add_subdirectory(twice first)
set(name b)
add_subdirectory(twice second)
