#[=======================================================================[.rst:
ParallelTests
-------------

Declare test suites that ``cmake --build <build> --target check`` builds and
runs in parallel. Every test is also an ordinary :command:`add_test`.

.. command:: add_parallel_test_suite

  ::

    add_parallel_test_suite(<suite>
      [SOURCES <file|glob>...] [TARGETS <executable>...]

      [MAIN <source>|paralleltests|none]
      [LINK_LIBRARIES <item>...] [INCLUDE_DIRECTORIES <dir>...]
      [COMPILE_DEFINITIONS <def>...] [COMPILE_OPTIONS <option>...]
      [COMPILE_FEATURES <feature>...] [PRECOMPILE_HEADERS <header>...]
      [BUNDLE [<n>]]

      [FRAMEWORK exitcode|tap|doctest|gtest|catch2|boost]
      [ISOLATE_CASES [<bool>]] [CTEST_CASES [<bool>]]
      [ARGS <argument>...] [WORKING_DIRECTORY <dir>]
      [ENVIRONMENT <name=value>...] [ENVIRONMENT_MODIFICATION <op>...]
      [LABELS <label>...] [PROCESSORS <n>] [PROCESSOR_AFFINITY [<bool>]]
      [COST <cost>] [TIMEOUT <seconds>] [TIMEOUT_SIGNAL_NAME <signal>]
      [TIMEOUT_SIGNAL_GRACE_PERIOD <seconds>]
      [RUN_SERIAL [<bool>]] [WILL_FAIL [<bool>]] [DISABLED [<bool>]]
      [RESOURCE_LOCK <name>...] [DEPENDS <test>...] [REQUIRED_FILES <file>...]
      [FIXTURES_SETUP <name>...] [FIXTURES_REQUIRED <name>...]
      [FIXTURES_CLEANUP <name>...] [SKIP_RETURN_CODE <code>]
      [PASS_REGULAR_EXPRESSION <regex>...] [FAIL_REGULAR_EXPRESSION <regex>...]
      [SKIP_REGULAR_EXPRESSION <regex>...] [PROPERTIES <property> <value>...]

      [IDLE_TIMEOUT <seconds>] [CPU_TIME <seconds>] [MEMORY <size>]
      [PROCESSES <n>] [OPEN_FILES <n>] [FILE_SIZE <size>] [CORE_SIZE <size>]
      [STACK <size>] [OUTPUT_SIZE <size>] [CPUS <n>] [NICE <n>]
      [IO_READ_BPS <size>] [IO_WRITE_BPS <size>]
      [IO_READ_IOPS <n>] [IO_WRITE_IOPS <n>]
      [CAPTURE file|split|pipe|pty|none]
      [LEAK report|fail|ignore] [LEAK_GRACE <seconds>]
      [PRIORITY P0|P1|P2|P3] [LEVEL unit|integration|system]
      [RETRIES <n> [<delay> [<backoff>]]] [GROUP <name> <max>...])

  A suite may be extended by further calls, in this directory or another.

  ``SOURCES``
    Source files, relative to the current source directory, or globs (looked at
    again in every build, as by ``CONFIGURE_DEPENDS``). Each is one executable
    target and one test, both called ``<suite>.<stem>``. Characters that CMake
    does not allow in a target's name are ``_`` in it, not in the test's name.
    A generated file must be known (``add_custom_command``) before the call.

  ``TARGETS``
    Executables of the project, defined here or later, each a test called
    ``<suite>.<target>``.

  How to build (``SOURCES`` only): the keywords go to the ``target_...`` command
  of their name, ``PRIVATE``, and

  ``MAIN``
    A source compiled once and linked into every test of the call: the file
    that defines ``main()``. It is no test, also if a glob of ``SOURCES``
    matches it. ``paralleltests`` is the main we provide for the ``FRAMEWORK``
    (see there), ``none`` says that there is to be none. A source of such a name
    is ``./none``.
  ``PRECOMPILE_HEADERS``
    Precompiled once and reused by every test of the call.
  ``BUNDLE``
    Few executables instead of one a source. See below.

  How to run: every keyword is the test property of its name, in whose terms it
  is documented by CMake, except

  ``ARGS``
    Arguments of each test. Any string arrives unchanged; generator expressions
    are evaluated. An argument that is a keyword of this command, or
    ``CONFIGURATIONS`` or ``COMMAND_EXPAND_LISTS``, is written ``$<1:word>``.
  ``WORKING_DIRECTORY``
    A relative path is relative to the current binary directory.
  ``RUN_SERIAL``, ``WILL_FAIL``, ``DISABLED``, ``PROCESSOR_AFFINITY``, ``ISOLATE_CASES``, ``CTEST_CASES``
    True when no value is given.
  ``PROPERTIES``
    Pairs of a test property that has no keyword here and its value, as in
    :command:`set_tests_properties`.

  In all of them but ``ARGS``, ``WORKING_DIRECTORY`` and the values of
  ``PROPERTIES`` a ``;`` separates elements and ``\;`` is a semicolon, as in
  ``set_tests_properties``. That command, called on a test of the suite, wins
  over the suite's values. Tests of ``SOURCES`` have the property
  ``DEF_SOURCE_LINE`` set to ``<source>:1``.

  Test cases of a framework, the properties ``PTESTS_FRAMEWORK`` and
  ``PTESTS_ISOLATE_CASES``:

  ``FRAMEWORK``
    What the executables are written with. Of ``doctest``, ``gtest``,
    ``catch2`` and ``boost`` each test case is a test to ``ptests``, of ``tap`` each
    test point that a program prints (Test Anything Protocol, versions 12 to 14);
    that runs as one process. ctest runs each executable as one test, unless the call has
    ``CTEST_CASES``, and looks at its exit code only. The default,
    ``exitcode``, knows of no cases. With any other word the keywords
    ``WILL_FAIL``, ``SKIP_RETURN_CODE``, ``*_REGULAR_EXPRESSION`` and
    ``CAPTURE none`` are errors: they judge a process as a whole.
  ``ISOLATE_CASES``
    Each case has a process of its own; of no meaning with ``tap``.
  ``CTEST_CASES``
    ctest has each test case as a test, too, called as ``ptests`` calls it. See below.

  Of ``doctest``, ``gtest`` and ``catch2`` we provide a main, whose listener tells
  ``ptests`` when each case begins and ends. ``SOURCES`` get it if there is no
  ``MAIN`` in the call. It is compiled once a call, with the same settings as the
  tests, which must find the framework (``<doctest/doctest.h>``, ``<gtest/gtest.h>``,
  ``<catch2/catch.hpp>`` or ``<catch2/catch_session.hpp>``) by ``LINK_LIBRARIES`` or
  ``INCLUDE_DIRECTORIES``; GoogleTest is linked as ``GTest::gtest``. Our headers are found by all sources of such a call,
  that of ``MAIN`` too: ``#include <paralleltests/doctest.hpp>``.

  A source with a main of its own keeps it. When CMake configures, a line in its
  text tells that: with ``main(``, ``DOCTEST_CONFIG_IMPLEMENT``,
  ``DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN``, ``CATCH_CONFIG_MAIN``,
  ``CATCH_CONFIG_RUNNER``, ``BOOST_TEST_MODULE`` or ``BOOST_TEST_MAIN``, and before
  that no ``/`` and no ``*``, as in most comments.

  - A main that is seen but not there (in a string, in the midst of a comment): the
    linker finds none. ``MAIN paralleltests`` gives our main to all sources.
  - A main that is there but not seen (in a header, or in a generated source that
    does not exist yet) is used all the same, also with ``MAIN paralleltests``:
    ours is in an archive, from which the linker takes only what is missing.
  - A main in a library (``GTest::gtest_main``, ``Catch2::Catch2WithMain``, one of
    the project) is not used: ours comes before ``LINK_LIBRARIES``. ``MAIN none``
    leaves it in its place.

  Of doctest and Catch2 a main of its own costs each source the time to compile the
  framework. An author warning counts those sources, unless the call has a ``MAIN``
  other than ``paralleltests``.

  ``BUNDLE`` (``doctest``, ``gtest``, ``catch2`` and ``boost``) links all ``SOURCES`` of the
  call into one executable, the test ``<suite>.bundle``; ``BUNDLE <n>`` deals them out, in
  their order, to ``<suite>.bundle1`` to ``<suite>.bundle<n>``, but makes none without a
  source. Those of a second call for the suite are called ``<suite>.bundle-2``.

  - A test case is ``<suite>.<stem>/<case>`` as without ``BUNDLE``, so what earlier runs
    tell and what selects tests stays. One in a file that sources include is
    ``<suite>.bundle/<case>``.
  - No source may have a main of its own, but with ``MAIN none``, where one of each
    executable may. With ``MAIN paralleltests`` the texts are not looked at.
  - What the sources define must not clash. GoogleTest and Catch2 take no two cases
    of one name.
  - Test properties are those of the executable: ``set_tests_properties(<suite>.bundle ...)``.
    Of what a source says about its tests (``// @tag smoke``, see README.md), tags, level,
    retries and skipping hold for its cases; for the rest there is a warning.

  ``CTEST_CASES`` makes of each executable as many tests of ctest as it has test cases, once
  ``ptests`` has listed them, as every run of its tests does. Before that, and when the
  executable is another one than was listed, ctest has the executable as one test.

  - Each case has the properties of the test, the framework's tags as ``LABELS``, and
    what tells ctest that it was skipped; cases the framework leaves out are ``DISABLED``.
  - To ``ptests`` nothing changes. For ctest the tests stand before the other tests of their
    directory, and ``DEPENDS`` on an executable that is there by its cases means nothing.
  - A test whose properties judge a process as a whole, or whose ``PTESTS_FRAMEWORK`` was
    set to one without cases, is one test for ctest.
  - An executable is known by its size and time: of cases in a shared library of the
    project ctest has those that were listed last.

  Limits of one test, with all the processes it starts. They are enforced by
  ``ptests``; ctest ignores them. Each is the test property
  ``PTESTS_<keyword>``, so ``set_tests_properties(t PROPERTIES PTESTS_MEMORY 1G)``
  sets one of a single test. A size is in bytes, or has a suffix: ``64k``,
  ``512M``, ``1.5G``. 0 is no limit, also where ``ptests`` has a default.

  ``IDLE_TIMEOUT``, ``CPU_TIME``
    Seconds without output; seconds of processor time.
  ``MEMORY``, ``PROCESSES``
    The most at any time, of all its processes together.
  ``OPEN_FILES``, ``FILE_SIZE``, ``CORE_SIZE``, ``STACK``
    Of each process, as ``setrlimit`` has it.
  ``OUTPUT_SIZE``
    Bytes it may print, 64M if not set.
  ``CPUS``, ``NICE``
    Processors it gets, 0.5 is a half; added to its nice value (-20 to 19).
  ``IO_READ_BPS``, ``IO_WRITE_BPS``, ``IO_READ_IOPS``, ``IO_WRITE_IOPS``
    Bytes and operations a second, from and to block devices.

  What else ``ptests`` does with a test, properties alike:

  ``CAPTURE``
    Where its output goes: ``file`` (the default), ``split`` (stderr apart),
    ``pipe``, ``pty`` (a terminal, for programs that need one) or ``none``
    (not captured; it runs alone). With ``split`` the ``*_REGULAR_EXPRESSION``
    properties and TIMEOUT_AFTER_MATCH look at stdout and at stderr, each by
    itself, and limits on the output at both together. With ``none`` they are
    an error when ``ptests`` starts.
  ``LEAK``, ``LEAK_GRACE``
    What it means when it passed but left processes running, and how many
    seconds these have to end. The defaults are ``report`` and 0.2.

  ``PRIORITY``, ``LEVEL``
    Which tests start first (P0 does, the default is P2); what ``--unit``,
    ``--integration`` and ``--system`` select.
  ``RETRIES``
    How often a test that failed runs again, after how many seconds (0), and by
    what number these grow each time (1). ``ptests run --retries`` wins over it.
  ``GROUP``
    At most ``<max>`` tests of the group run at the same time.

  What the source of a test says about it (``// @timeout 600``, see README.md)
  wins over the suite's values, and ``set_tests_properties`` wins over both.

.. command:: add_parallel_test

  ::

    add_parallel_test(NAME <name> SUITE <suite> COMMAND <command> [<argument>...]
      [<how to run, as above>...])

  One test of any command, as ``add_test(NAME <name> COMMAND <command> ...)``:
  an executable target of the project may be given by its name.

Testing is enabled (``enable_testing()``) at the end of configuration in every
directory that declares a test here and in those above it, unless the variable
``BUILD_TESTING`` is false there.

Variables
^^^^^^^^^

``ParallelTests_EXCLUDE_FROM_ALL``
  True: executables of ``SOURCES`` are not built by the ``all`` target. Read at
  the call.
``ParallelTests_CHECK_TARGET``
  Name of the target that runs all tests, default ``check``. The suites' targets
  are ``<it>-<suite>``. Read in the top directory.
``ParallelTests_LAUNCHER``
  False: compilers and linkers are started without our launcher (see Results).
  Read in the top directory.

Results
^^^^^^^

At the end of configuration ``<build>/paralleltests/manifest-<CONFIG>.json`` is
written for each configuration (``manifest.json`` when it has no name), and the
targets ``check`` and ``check-<suite>`` are added, which run
``ParallelTests::ptests`` on it. Misuse ends configuration with a message that
begins ``ParallelTests:``.

With the Ninja and Makefile generators a launcher is put first in the properties
:prop_tgt:`<LANG>_COMPILER_LAUNCHER` and :prop_tgt:`<LANG>_LINKER_LAUNCHER` of all
targets that are compiled. It tells the ``ptests`` that runs a build of each
compiler and linker; in any other build it only runs the command.
#]=======================================================================]

include_guard(GLOBAL)
cmake_policy(PUSH)
cmake_policy(VERSION 3.25)

include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsArguments.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsKeywords.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsBuild.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsMain.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsBundle.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/ParallelTestsManifest.cmake")

function(add_parallel_test_suite)
  # The policies of whoever calls, as add_test would see them.
  cmake_policy(GET CMP0110 any_name PARENT_SCOPE)
  set(emulation "")
  if(POLICY CMP0158)
    cmake_policy(GET CMP0158 emulation PARENT_SCOPE)
  endif()
  # ARGV alone does not tell where an argument ends, but of simple ones.
  set(arguments "${ARGV}")
  list(LENGTH arguments length)
  if(NOT length EQUAL ARGC OR NOT arguments MATCHES "^[ -Z^-~]*$" OR arguments MATCHES ";;|^;|;$")
    set(arguments "")
    foreach(index RANGE ${ARGC})
      if(index LESS ARGC)
        _paralleltests_encode(argument "${ARGV${index}}")
        list(APPEND arguments "${argument}")
      endif()
    endforeach()
  endif()
  set(how_to_build LINK_LIBRARIES INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_OPTIONS
    COMPILE_FEATURES PRECOMPILE_HEADERS)
  list(POP_FRONT arguments suite)
  _paralleltests_decode(suite "${suite}")
  set(who "suite \"${suite}\"")
  if(suite STREQUAL "")
    set(who "add_parallel_test_suite")
  endif()
  _paralleltests_check_name("${who}" "the name of the suite (first argument)" "${suite}")

  get_property(single GLOBAL PROPERTY _ParallelTests_SINGLE)
  get_property(multiple GLOBAL PROPERTY _ParallelTests_MULTIPLE)
  list(APPEND single MAIN)
  list(APPEND multiple SOURCES TARGETS BUNDLE CTEST_CASES ${how_to_build})
  cmake_parse_arguments(_pt "" "${single}" "${multiple}" ${arguments})
  _paralleltests_check_parsed("${who}")
  _paralleltests_optional_value("${who}" BUNDLE 1)
  _paralleltests_optional_value("${who}" CTEST_CASES TRUE)
  _paralleltests_check_what("${who}")
  _paralleltests_run_properties("${who}")
  _paralleltests_check_framework("${who}")
  set(ctest_cases FALSE)
  if("${_pt_CTEST_CASES}")
    _paralleltests_check_has_cases("${who}" CTEST_CASES "makes test cases tests of ctest")
    set(ctest_cases TRUE)
  endif()
  _paralleltests_add_sources("${who}" "${suite}")
  _paralleltests_add_targets("${who}" "${suite}")
endfunction()

function(add_parallel_test)
  cmake_policy(GET CMP0110 any_name PARENT_SCOPE)
  set(emulation "")
  if(POLICY CMP0158)
    cmake_policy(GET CMP0158 emulation PARENT_SCOPE)
  endif()
  set(arguments "${ARGV}")
  list(LENGTH arguments length)
  if(NOT length EQUAL ARGC OR NOT arguments MATCHES "^[ -Z^-~]*$" OR arguments MATCHES ";;|^;|;$")
    set(arguments "")
    foreach(index RANGE ${ARGC})
      if(index LESS ARGC)
        _paralleltests_encode(argument "${ARGV${index}}")
        list(APPEND arguments "${argument}")
      endif()
    endforeach()
  endif()
  get_property(single GLOBAL PROPERTY _ParallelTests_SINGLE)
  get_property(multiple GLOBAL PROPERTY _ParallelTests_MULTIPLE)
  cmake_parse_arguments(_pt "" "NAME;SUITE;${single}" "COMMAND;${multiple}" ${arguments})
  _paralleltests_check_test()
  set(command ${_pt_COMMAND} ${_pt_ARGS})
  list(POP_FRONT command program)
  _paralleltests_run_properties("${who}")
  _paralleltests_check_framework("${who}")
  set(ctest_cases FALSE)
  _paralleltests_register(COMMAND "${suite}" "${_pt_NAME}" "${program}" "${command}" "")
endfunction()

function(_paralleltests_add_targets who suite)
  if(NOT DEFINED _pt_TARGETS)
    return()
  endif()
  _paralleltests_decode(targets "${_pt_TARGETS}")
  set(names "")
  foreach(target IN LISTS targets)
    _paralleltests_encode(name "${suite}.${target}")
    list(APPEND names "${name}")
  endforeach()
  _paralleltests_register(TARGETS "${suite}" "${names}" "${targets}" "${_pt_ARGS}" "")
endfunction()

cmake_policy(POP)
