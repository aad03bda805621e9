#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/adapter.hpp"

namespace ptests {

/// Makes what Catch2 writes well-formed: it escapes most bytes that XML cannot have, not all. What cannot stand there becomes a space or
/// `?`.
class Catch2XmlBytes {
 public:
  /// The next bytes; up to three stay behind until their character is whole.
  std::string clean(std::string_view bytes);

 private:
  std::string held_;
};

/// "[a][b c]" as "a", "b c".
std::vector<std::string> split_catch2_tags(std::string_view tags);

/// Reads what Catch2's reporter `xml` writes. `cases` outlives it.
std::unique_ptr<CaseReader> make_catch2_reader(const std::vector<TestCase>& cases, std::span<const std::size_t> chosen);

}  // namespace ptests
