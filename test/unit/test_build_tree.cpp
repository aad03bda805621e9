#include <doctest/doctest.h>

#include "suite/build_tree.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

TEST_CASE("CMakeCache.txt tells the tools of a build directory") {
  const TempDir dir;
  write(dir / "CMakeCache.txt",
        "# comment\n//a help: text=x\n\nCMAKE_BUILD_TYPE:STRING=Debug\nCMAKE_COMMAND:INTERNAL=/usr/bin/cmake\n"
        "CMAKE_CTEST_COMMAND:INTERNAL=/usr/bin/ctest\nCMAKE_GENERATOR:INTERNAL=Unix Makefiles\n"
        "CMAKE_HOME_DIRECTORY:INTERNAL=/s=x:y\nCMAKE_MAKE_PROGRAM:FILEPATH=/usr/bin/make\nno entry\n");
  const Result<BuildTree> read = read_cmake_cache(dir.path().string(), "");
  REQUIRE(read);
  CHECK(read->source_directory == "/s=x:y");
  CHECK(read->generator == "Unix Makefiles");
  CHECK(read->configuration == "Debug");
  CHECK(show({read->cmake, read->ctest, read->build_tool}) == "[/usr/bin/cmake][/usr/bin/ctest][/usr/bin/make]");
  CHECK(read_cmake_cache(dir.path().string(), "Release")->configuration == "Release");
}

TEST_CASE("a cache without ctest leaves it to PATH, and no cache is an error with a cure") {
  const TempDir dir;
  write(dir / "CMakeCache.txt", "");
  CHECK(read_cmake_cache(dir.path().string(), "")->ctest == "ctest");
  const Result<BuildTree> none = read_cmake_cache((dir / "none").string(), "");
  CHECK(message(none) == (dir / "none").string() + " is not a CMake build directory");
  CHECK(hint(none) == "name one with -B, or configure it first: cmake -S . -B build");
}
