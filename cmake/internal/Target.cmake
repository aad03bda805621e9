# How our own targets are compiled and linked.
include_guard()

# Warnings (errors in developer mode) and sanitizers for TARGET.
function(paralleltests_strict target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(ParallelTests_DEVELOPER_MODE)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Werror)
    # Wrong in GCC 12: for any std::string concatenation (gcc.gnu.org/PR105651); at -O1 for a std::optional.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  endif()
  if(ParallelTests_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${ParallelTests_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${ParallelTests_SANITIZE})
  endif()
endfunction()

# Static C++ runtime: ptests starts in half the time and runs on machines without it.
function(paralleltests_small_executable target)
  paralleltests_strict(${target})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT ParallelTests_SANITIZE)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()
