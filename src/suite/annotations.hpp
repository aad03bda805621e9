#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/suite.hpp"

namespace ptests {

/// `@name value` at the head of a comment in a test's source.
struct Annotation {
  std::string name;  ///< as documented: "idle-timeout"
  std::string value;
  int line = 0;  ///< 1-based
};

/// What a source says about its tests.
struct Annotations {
  std::vector<Annotation> all;        ///< well-formed ones
  std::vector<std::string> warnings;  ///< "tests/a.cpp:3: ...": of malformed ones, and of names that are nearly one of ours
};

/// The annotations in the first 100 lines of `text`, whatever the language's comments look like: // # /* * ; -- ! %. `path` is for
/// warnings.
///
///     @timeout 600, and every other limit by its name: @idle-timeout 5 @cpu-time 10 @memory 2G ...
///     @priority P0  @level integration  @retries 2 [delay [backoff]]  @processors 2  @cost 3  @serial  @skip reason  @planned
///     @tag smoke net  @depends-on unit.db  @lock db  @group net 4        (several add up)
///
/// Names in any case, `_` is `-`; the first of two single values counts. More than one may stand in a line.
Annotations parse_annotations(std::string_view text, std::string_view path);

/// What was read, by the source's path as it stands in Test::sources.
struct SourceAnnotations {
  std::unordered_map<std::string, Annotations> files;
  std::vector<std::string> warnings;  ///< of all of them, and about tests to depend on that do not exist
};

/// Reads the sources of all tests, each once and at most 64 KiB of it, and gives what they say to the tests made of them. A single value
/// that a test's own property sets stays, one that its suite gave (Test::suite_properties) does not; lists grow. Sources that cannot be
/// read are passed over.
SourceAnnotations apply_annotations(Suite& suite);

}  // namespace ptests
