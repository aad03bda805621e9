#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/files.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

/// Where AtomicFile writes before the rename.
fs::path temporary_of(const fs::path& path) { return path.string() + fmt::format(".{}.tmp", ::getpid()); }

}  // namespace

TEST_CASE("a descriptor that is closed aside is closed") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  close_aside(std::move(writing));
  CHECK_FALSE(writing);
  char byte = 0;
  CHECK(::read(reading.get(), &byte, 1) == 0);  // waits for the close
}

TEST_CASE("a file is read whole, byte for byte") {
  const TempDir dir;
  std::string bytes;
  for (int i = 0; i < 100000; ++i) bytes += static_cast<char>(i);
  write(dir / "f", bytes);
  CHECK(*read_file(dir / "f") == bytes);
}

TEST_CASE("errors of reading name the file and the reason") {
  const TempDir dir;
  CHECK(message(read_file(dir / "no")) == "reading " + (dir / "no").string() + ": No such file or directory");
  CHECK(message(read_file(dir.path())) == "reading " + dir.path().string() + ": Is a directory");
  CHECK(message(read_ends(dir / "no", 10)) == "reading " + (dir / "no").string() + ": No such file or directory");
  CHECK(message(MappedFile::open(dir / "no")) == "reading " + (dir / "no").string() + ": No such file or directory");
}

TEST_CASE("an atomic file appears with commit and not before") {
  const TempDir dir;
  Result<AtomicFile> file = AtomicFile::create(dir / "f");
  REQUIRE(file);
  file->write("one ");
  file->write("two");
  CHECK_FALSE(fs::exists(dir / "f"));
  CHECK(message(file->commit()) == "ok");
  CHECK(read(dir / "f") == "one two");
  CHECK(show(dir.names()) == "[f]");
}

TEST_CASE("an atomic file replaces the old one") {
  const TempDir dir;
  write(dir / "f", "a longer old text");
  CHECK(message(write_file_atomically(dir / "f", "new")) == "ok");
  CHECK(read(dir / "f") == "new");
}

TEST_CASE("an atomic file makes its directory") {
  const TempDir dir;
  CHECK(message(write_file_atomically(dir / "a/b/f", "x")) == "ok");
  CHECK(read(dir / "a/b/f") == "x");
}

TEST_CASE("an atomic file dropped without commit leaves the old file and nothing else") {
  const TempDir dir;
  write(dir / "f", "old");
  {
    Result<AtomicFile> file = AtomicFile::create(dir / "f");
    REQUIRE(file);
    file->write(std::string(200000, 'x'));
  }
  CHECK(read(dir / "f") == "old");
  CHECK(show(dir.names()) == "[f]");
}

TEST_CASE("a moved atomic file is one file") {
  const TempDir dir;
  Result<AtomicFile> file = AtomicFile::create(dir / "f");
  REQUIRE(file);
  file->write("before ");
  AtomicFile moved = std::move(*file);
  moved.write("after");
  CHECK(message(moved.commit()) == "ok");
  CHECK(read(dir / "f") == "before after");
}

TEST_CASE("an atomic file that another one is assigned to leaves nothing") {
  const TempDir dir;
  {
    Result<AtomicFile> file = AtomicFile::create(dir / "f");
    REQUIRE(file);
    Result<AtomicFile> other = AtomicFile::create(dir / "g");
    REQUIRE(other);
    *file = std::move(*other);
  }
  CHECK(show(dir.names()).empty());
}

TEST_CASE("a full disk is told by commit, with a hint, and leaves the old file") {
  const TempDir dir;
  for (const std::size_t size : {std::size_t{1}, std::size_t{1000000}}) {
    write(dir / "f", "old");
    fs::create_symlink("/dev/full", temporary_of(dir / "f"));
    Result<AtomicFile> file = AtomicFile::create(dir / "f");
    REQUIRE(file);
    for (int i = 0; i < 3; ++i) file->write(std::string(size, 'x'));
    const Result<void> done = file->commit();
    CHECK(message(done) == "writing " + (dir / "f").string() + ": No space left on device");
    CHECK(hint(done) == "free some disk space or move the build directory to another disk");
    CHECK(read(dir / "f") == "old");
    CHECK(show(dir.names()) == "[f]");
  }
}

TEST_CASE("a place where no file can be is an error when it is created") {
  const TempDir dir;
  write(dir / "file", "");
  CHECK(message(AtomicFile::create(dir / "file/below/f")).starts_with("creating " + (dir / "file/below").string() + ": "));
  fs::create_directory(dir / "directory");
  CHECK(message(write_file_atomically(dir / "directory", "x")) == "writing " + (dir / "directory").string() + ": Is a directory");
  CHECK(show(dir.names()) == "[directory][file]");
}

TEST_CASE("what is no regular file is written to, not replaced") {
  // As root, `--junit /dev/null` would otherwise replace the device by a file.
  const TempDir dir;
  REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  const UniqueFd reader(::open((dir / "pipe").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  CHECK(message(write_file_atomically(dir / "pipe", "text")) == "ok");
  CHECK(fs::is_fifo(dir / "pipe"));
  std::array<char, 16> buffer{};
  CHECK(::read(reader.get(), buffer.data(), buffer.size()) == 4);
}

TEST_CASE("read_ends returns a file whole when it fits") {
  const TempDir dir;
  write(dir / "f", "12345678");
  CHECK(*read_ends(dir / "f", 8) == "12345678");
  CHECK(*read_ends(dir / "f", 100) == "12345678");
  write(dir / "empty", "");
  CHECK(read_ends(dir / "empty", 0)->empty());
}

TEST_CASE("read_ends says how much it left out and where that is") {
  const TempDir dir;
  write(dir / "f", "ab" + std::string(100, '.') + "uvwxyz");
  CHECK(*read_ends(dir / "f", 8) == "ab\n[... 100 bytes are left out here; all of them are in " + (dir / "f").string() + " ...]\nuvwxyz");
}

TEST_CASE("read_ends does not cut a character in two") {
  const TempDir dir;
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\xc3\xa4";
  write(dir / "f", text);
  for (const std::size_t most : {std::size_t{20}, std::size_t{21}, std::size_t{22}, std::size_t{23}}) {
    const std::string ends = *read_ends(dir / "f", most);
    CAPTURE(most);
    CHECK(ends.find("\xc3\n") == std::string::npos);
    CHECK(ends.find("\n\xa4") == std::string::npos);
  }
}

TEST_CASE("a mapped file shows its bytes, also after a move") {
  const TempDir dir;
  write(dir / "f", "bytes");
  write(dir / "g", "others");
  Result<MappedFile> file = MappedFile::open(dir / "f");
  Result<MappedFile> other = MappedFile::open(dir / "g");
  REQUIRE(file);
  REQUIRE(other);
  MappedFile moved = std::move(*file);
  CHECK(moved.text() == "bytes");
  moved = std::move(*other);
  CHECK(moved.text() == "others");
}

TEST_CASE("an empty file can be mapped") {
  const TempDir dir;
  write(dir / "f", "");
  const Result<MappedFile> file = MappedFile::open(dir / "f");
  REQUIRE(file);
  CHECK(file->text().empty());
}

TEST_CASE("the size of a file that is not there is 0") {
  const TempDir dir;
  write(dir / "f", "123");
  CHECK(file_size_or_zero(dir / "f") == 3);
  CHECK(file_size_or_zero(dir / "no") == 0);
}

TEST_CASE("write_all returns the reason it could not") {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  CHECK(write_all(full.get(), "x") == ENOSPC);
  CHECK(write_all(full.get(), "") == 0);
  CHECK(write_all(-1, "x") == EBADF);
}

TEST_CASE("a file descriptor has one owner") {
  UniqueFd one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = one.get();
  UniqueFd two = std::move(one);
  CHECK(two.get() == number);
  two.reset();
  CHECK_FALSE(two);
  CHECK(::fcntl(number, F_GETFD) == -1);
}
