add_subdirectory(folder)
