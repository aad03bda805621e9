// What a tool says of its version is asked once.
#include <doctest/doctest.h>

#include "cli/tool_version.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;
using cli::tool_version;

TEST_CASE("a tool is asked for its version again when it is another one") {
  const TempDir dir;
  const std::string tool = dir / "tool";
  const fs::path kept = dir / "kept.txt";
  const auto make_tool = [&](const std::string& script) {
    write(tool, "#!/bin/sh\n" + script);
    fs::permissions(tool, fs::perms::owner_all);
  };
  const std::string asked = dir / "asked";
  make_tool("echo x >>'" + asked + "'; echo tool 1.2\n");
  for (int i = 0; i < 3; ++i) CHECK(tool_version(tool, kept) == "tool 1.2\n");
  CHECK(read(asked) == "x\n");
  make_tool("echo tool 1.3, a longer text\n");
  CHECK(tool_version(tool, kept) == "tool 1.3, a longer text\n");
  write(kept, "broken");
  CHECK(tool_version(tool, kept) == "tool 1.3, a longer text\n");
  // No folder is made for it.
  CHECK(tool_version(tool, dir / "none/kept.txt") == "tool 1.3, a longer text\n");
  CHECK_FALSE(fs::exists(dir / "none"));
  CHECK_FALSE(tool_version(dir / "no such tool", kept));
  CHECK_FALSE(tool_version("no-such-tool-in-path", kept));
}
