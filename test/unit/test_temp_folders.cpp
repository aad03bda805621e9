#include <doctest/doctest.h>

#include "base/remove_tree.hpp"
#include "run/temp_folders.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

TEST_CASE("a slot's folder is the same, and empty, for one test after the other") {
  const TempDir dir;
  {
    TempFolders folders((dir / "root").string());
    CHECK_FALSE(fs::exists(dir / "root"));
    const Result<std::string> first = folders.prepare(1);
    REQUIRE_MESSAGE(first, message(first));
    CHECK(fs::status(dir / "root").permissions() == fs::perms::owner_all);
    CHECK(*folders.prepare(1) == *first);
    CHECK(*folders.prepare(0) != *first);
    write(fs::path(*first) / "sub" / "file", "x");
    fs::create_symlink(dir / "root", fs::path(*first) / "link");
    CHECK(*folders.prepare(1) == *first);
    CHECK(fs::is_empty(*first));
    fs::remove(*first);
    CHECK(*folders.prepare(1) == *first);
    CHECK(fs::is_empty(*first));
  }
  CHECK(dir.names().empty());
}

TEST_CASE("a folder that is kept is put aside, an empty one is not") {
  const TempDir dir;
  {
    TempFolders folders((dir / "root").string());
    const std::string path = *folders.prepare(0);
    CHECK_FALSE(folders.keep(0, "a"));
    write(fs::path(path) / "file", "x");
    const auto kept = folders.keep(0, "a");
    REQUIRE(kept);
    CHECK(read(fs::path(*kept) / "file") == "x");
    CHECK(fs::is_empty(*folders.prepare(0)));
  }
  CHECK(read(dir / "root/a/file") == "x");
  CHECK_FALSE(fs::exists(dir / "root/0"));
}

TEST_CASE("a folder that is left to those who use it is not emptied for the next test") {
  const TempDir dir;
  TempFolders folders((dir / "root").string());
  const std::string path = *folders.prepare(0);
  write(fs::path(path) / "socket", "x");
  folders.leave(0);
  CHECK(*folders.prepare(0) != path);
  CHECK(fs::exists(fs::path(path) / "socket"));
}

TEST_CASE("a root that cannot be made is an error that names it") {
  const TempDir dir;
  write(dir / "file", "");
  TempFolders folders((dir / "file" / "root").string());
  CHECK(message(folders.prepare(0)) == fmt::format("making {}: Not a directory", (dir / "file" / "root").string()));
}

TEST_CASE("a tree goes whatever its folders' rights are, and what links point at stays") {
  const TempDir dir;
  write(dir / "outside/file", "x");
  write(dir / "tree/a/b/file", "x");
  fs::create_directory_symlink(dir / "outside", dir / "tree/a/link");
  fs::permissions(dir / "tree/a/b", fs::perms::none);
  fs::permissions(dir / "tree/a", fs::perms::none);
  CHECK(remove_tree(dir / "tree"));
  CHECK_FALSE(fs::exists(dir / "tree"));
  CHECK(fs::exists(dir / "outside/file"));
  CHECK_FALSE(remove_tree(dir / "tree"));
}
