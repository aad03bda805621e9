# Private to ParallelTests: what stands before compilers and linkers, so that the
# ptests that runs the build can hand out processors to them and to tests.
#
# It is a script and not ptests itself: outside such a build it costs less (0.7 ms
# a command instead of 1), and nothing breaks when ptests is removed or not built
# yet. ptests names itself in the environment of the build, so that the command
# lines are the same whichever ptests it is: another one rebuilds nothing.

include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

function(_paralleltests_add_launchers)
  if(DEFINED ParallelTests_LAUNCHER AND NOT ParallelTests_LAUNCHER
      OR NOT CMAKE_GENERATOR MATCHES "^(Ninja|Ninja Multi-Config|Unix Makefiles)$")
    return()
  endif()
  # Not beside the reports, which people remove to have room.
  set(launcher "${CMAKE_BINARY_DIR}/CMakeFiles/paralleltests-launch")
  _paralleltests_write_launcher("${launcher}")

  # Those for which CMake knows launchers. Fewer have one for the link, which ones
  # depends on the version of CMake; it ignores the properties of the others.
  get_property(enabled GLOBAL PROPERTY ENABLED_LANGUAGES)
  set(properties "")
  foreach(language IN ITEMS C CXX OBJC OBJCXX CUDA HIP Fortran ISPC)
    if(language IN_LIST enabled)
      list(APPEND properties ${language}_COMPILER_LAUNCHER ${language}_LINKER_LAUNCHER)
      set(options_${language}_COMPILER_LAUNCHER "--kind=compile;--language=${language}")
      set(options_${language}_LINKER_LAUNCHER "--kind=link;--language=${language}")
    endif()
  endforeach()

  # Ours, when this repository is a part of the build: built before anything runs.
  set(own_directory "")
  get_property(ptests TARGET ParallelTests::ptests PROPERTY ALIASED_TARGET)
  if(ptests)
    get_property(own_directory TARGET ${ptests} PROPERTY BINARY_DIR)
  endif()
  _paralleltests_launch_directory("${CMAKE_BINARY_DIR}")
endfunction()

function(_paralleltests_write_launcher file)
  # Of a build that is one of this build's commands another ptests knows nothing.
  string(REPLACE "'" "'\\''" directory "${CMAKE_BINARY_DIR}")
  string(CONFIGURE [[
#!/bin/sh
# Made by ParallelTests. Its arguments: --target=NAME --kind=KIND --language=LANGUAGE -- COMMAND...
# The ptests that runs this build is told of the command, if there is one.
if [ "$PTESTS_BUILD_DIRECTORY" = '@directory@' ] && [ -x "$PTESTS_BUILD_LAUNCHER" ]; then
  exec "$PTESTS_BUILD_LAUNCHER" launch "$@"
fi
shift 4
exec "$@"
]] script @ONLY)
  file(GENERATE OUTPUT "${file}" CONTENT "${script}" FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
endfunction()

# The targets of a directory and of those below it. Reads `launcher`, `properties`,
# `options_<property>` and `own_directory` from its caller's scope.
function(_paralleltests_launch_directory directory)
  get_property(targets DIRECTORY "${directory}" PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_property(type TARGET ${target} PROPERTY TYPE)
    if(type MATCHES "^(EXECUTABLE|(STATIC|SHARED|MODULE|OBJECT)_LIBRARY)$")
      foreach(property IN LISTS properties)
        get_property(behind TARGET ${target} PROPERTY ${property})
        if(NOT "${behind}" STREQUAL "")
          # Of a source directory that is added twice CMake lists the targets of one twice.
          if(launcher IN_LIST behind)
            continue()
          endif()
          _paralleltests_follow(behind "${behind}")
        endif()
        set_property(TARGET ${target} PROPERTY ${property}
          "${launcher};--target=${target};${options_${property}};--${behind}")
      endforeach()
    endif()
  endforeach()
  get_property(children DIRECTORY "${directory}" PROPERTY SUBDIRECTORIES)
  foreach(child IN LISTS children)
    get_property(child DIRECTORY "${child}" PROPERTY BINARY_DIR)
    if(NOT child STREQUAL own_directory)
      _paralleltests_launch_directory("${child}")
    endif()
  endforeach()
endfunction()

# A launcher of the project's own as what follows ours. It may be an expression for
# nothing, of which no empty word may stay: that would be taken for the command.
function(_paralleltests_follow out value)
  if(value MATCHES "\\$<")
    set(${out} "$<$<BOOL:$<1:${value}>>:;${value}>" PARENT_SCOPE)
  else()
    set(${out} ";${value}" PARENT_SCOPE)
  endif()
endfunction()

cmake_policy(POP)
