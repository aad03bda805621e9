#include <doctest/doctest.h>

#include "base/file_tail.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

TEST_CASE("a file that grows is read once, from the moment it is there") {
  const TempDir dir;
  FileTail tail(dir / "f");
  std::string text;
  const auto take = [&](std::string_view bytes) { text += bytes; };
  tail.read(take);
  CHECK(text.empty());
  std::ofstream file(dir / "f");
  file << "ab" << std::flush;
  tail.read(take);
  tail.read(take);
  CHECK(text == "ab");
  const std::string much(200'000, 'x');
  file << much << std::flush;
  tail.read(take);
  CHECK(text == "ab" + much);
}
