#include <doctest/doctest.h>
#include <elf.h>
#include <link.h>

#include <cstring>

#include "base/files.hpp"
#include "base/shared_objects.hpp"
#include "run/case_list.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

template <class T>
void append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// A file with nothing but what its loader is to look for.
std::string elf(const std::vector<std::string>& needed, ElfW(Sxword) path_tag, const std::string& path) {
  constexpr ElfW(Addr) k_base = 0x10000;
  std::string texts("\0", 1);
  const auto put = [&texts](const std::string& text) {
    const std::size_t at = texts.size();
    texts += text + '\0';
    return at;
  };
  std::vector<ElfW(Dyn)> entries;
  const auto entry = [&entries](ElfW(Sxword) tag, ElfW(Xword) value) {
    ElfW(Dyn) one{};
    one.d_tag = tag;
    one.d_un.d_val = value;
    entries.push_back(one);
  };
  for (const std::string& name : needed) entry(DT_NEEDED, put(name));
  if (!path.empty()) entry(path_tag, put(path));
  constexpr std::size_t k_heads = sizeof(ElfW(Ehdr)) + 2 * sizeof(ElfW(Phdr));
  const std::size_t texts_at = k_heads + (entries.size() + 2) * sizeof(ElfW(Dyn));
  entry(DT_STRTAB, k_base + texts_at);
  entry(DT_NULL, 0);

  ElfW(Ehdr) header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(ElfW(Phdr));
  header.e_phnum = 2;
  ElfW(Phdr) load{};
  load.p_type = PT_LOAD;
  load.p_vaddr = k_base;
  load.p_filesz = texts_at + texts.size();
  ElfW(Phdr) dynamic{};
  dynamic.p_type = PT_DYNAMIC;
  dynamic.p_offset = k_heads;
  dynamic.p_filesz = entries.size() * sizeof(ElfW(Dyn));
  std::string bytes;
  append(bytes, header);
  append(bytes, load);
  append(bytes, dynamic);
  for (const ElfW(Dyn) & one : entries) append(bytes, one);
  return bytes + texts;
}

Test test_of(const fs::path& executable) {
  Test test;
  test.framework = "doctest";
  test.command = {executable.string(), "--option"};
  test.working_directory = "/tmp";
  return test;
}

}  // namespace

TEST_CASE("shared libraries of the project are found as ld.so finds them") {
  const TempDir dir;
  const fs::path one = dir.path() / "one";
  const fs::path two = dir.path() / "two";
  write(dir.path() / "bin/program", elf({"libc.so.6", "liba.so"}, DT_RUNPATH, two.string() + ":$ORIGIN/../one"));
  write(one / "liba.so", elf({"libb.so", "libgone.so"}, DT_RPATH, "${ORIGIN}"));
  write(one / "libb.so", elf({"liba.so"}, DT_RUNPATH, "$ORIGIN"));
  const fs::path program = dir.path() / "bin/program";
  const std::string origin = (dir.path() / "bin/../one/").string();
  CHECK(shared_objects_of(program, "") == std::set<std::string>{origin + "liba.so", origin + "libb.so"});

  SUBCASE("the environment comes before DT_RUNPATH") {
    write(two / "liba.so", elf({}, DT_RUNPATH, ""));
    CHECK(shared_objects_of(program, one.string()) == std::set<std::string>{(one / "liba.so").string(), (one / "libb.so").string()});
    CHECK(shared_objects_of(program, "") == std::set<std::string>{(two / "liba.so").string()});
  }
  SUBCASE("and behind DT_RPATH") {
    write(program, elf({"liba.so"}, DT_RPATH, one.string()));
    write(two / "liba.so", elf({}, DT_RUNPATH, ""));
    CHECK(shared_objects_of(program, two.string()).contains((one / "liba.so").string()));
  }
}

TEST_CASE("what is no ELF file, or a broken one, loads nothing") {
  const TempDir dir;
  write(dir.path() / "libs/liba.so", "a script");
  const std::string whole = elf({"liba.so"}, DT_RUNPATH, (dir.path() / "libs").string());
  const fs::path program = dir.path() / "program";
  CHECK(shared_objects_of(program, "").empty());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    write(program, whole.substr(0, size));
    CHECK(shared_objects_of(program, "").size() <= 1);
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    CAPTURE(at);
    std::string broken = whole;
    broken[at] = static_cast<char>(0xff);
    write(program, broken);
    CHECK(shared_objects_of(program, "").size() <= 1);
  }
  write(program, whole);
  CHECK(shared_objects_of(program, "").size() == 1);
}

TEST_CASE("a list is kept byte for byte, and only under its identity") {
  const TempDir dir;
  const std::string file = (dir.path() / "x.list").string();
  CaseList list{
      {{"a, \"b\" ; [c]\\", "id\n2", {"/src/t.cpp", 12}, {"slow", "\xff\xfe"}, true, "a in its file"}, {"\xc3\x28", "", {}, {}, false}},
      true};
  write_case_list(file, "one", list);
  const std::optional<CaseList> read = read_case_list(file, "one");
  REQUIRE(read);
  REQUIRE(read->cases.size() == 2);
  CHECK(read->has_listener);
  CHECK(read->cases[0].name == "a, \"b\" ; [c]\\");
  CHECK(read->cases[0].id == "id\n2");
  CHECK(read->cases[0].location.file == "/src/t.cpp");
  CHECK(read->cases[0].location.line == 12);
  CHECK(read->cases[0].labels == std::vector<std::string>{"slow", "\xff\xfe"});
  CHECK(read->cases[0].disabled);
  CHECK(read->cases[0].name_in_file == "a in its file");
  CHECK(read->cases[1].name == "\xc3\x28");
  CHECK_FALSE(read->cases[1].disabled);
  CHECK_FALSE(read_case_list(file, "another"));
  CHECK_FALSE(read_case_list(file, ""));

  const std::string whole = *read_file(file);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    write(file, whole.substr(0, size));
    CHECK_FALSE(read_case_list(file, "one"));
  }
  for (std::size_t at = 0; at < whole.size(); ++at) {
    CAPTURE(at);
    std::string broken = whole;
    broken[at] = '9';
    write(file, broken);
    static_cast<void>(read_case_list(file, "one"));
    broken[at] = '\0';
    write(file, broken);
    CHECK((broken == whole || !read_case_list(file, "one")));
  }
  write(file, whole + "x");
  CHECK_FALSE(read_case_list(file, "one"));
  // Nobody can tell what it depends on, or where a name ends.
  fs::remove(file);
  list.cases[1].name = std::string("a\0b", 3);
  write_case_list(file, "one", list);
  CHECK_FALSE(fs::exists(file));
  write_case_list(file, "", list);
  CHECK_FALSE(fs::exists(file));
}

TEST_CASE("the identity of a list: whatever may change it") {
  const TempDir dir;
  const fs::path program = dir.path() / "program";
  write(program, elf({"liba.so"}, DT_RUNPATH, dir.path().string()));
  write(dir.path() / "liba.so", "1");
  Test test = test_of(program);
  const std::string before = identity_of_cases(test);
  REQUIRE_FALSE(before.empty());
  CHECK(identity_of_cases(test) == before);

  SUBCASE("the executable") { write(program, elf({"liba.so"}, DT_RUNPATH, dir.path().string()) + "more"); }
  SUBCASE("a library of it") { write(dir.path() / "liba.so", "12"); }
  SUBCASE("an argument") { test.command.emplace_back("--filter"); }
  SUBCASE("the environment") { test.environment = {"A=b"}; }
  SUBCASE("a change of the environment") { test.environment_changes = {{"A", EnvironmentChange::Operation::set, "b"}}; }
  SUBCASE("the framework") { test.framework = "gtest"; }
  SUBCASE("the directory") { test.working_directory = "/"; }
  CHECK(identity_of_cases(test) != before);

  test = test_of(program);
  test.environment = {"LD_PRELOAD=libx.so"};
  CHECK(identity_of_cases(test).empty());
  test = test_of(program);
  test.environment_changes = {{"LD_LIBRARY_PATH", EnvironmentChange::Operation::path_list_append, "/x"}};
  CHECK(identity_of_cases(test).empty());
  CHECK(identity_of_cases(test_of("program")).empty());
  CHECK(identity_of_cases(test_of(dir.path() / "gone")).empty());
  CHECK(identity_of_cases(Test()).empty());
}
