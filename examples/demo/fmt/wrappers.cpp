// A formatting function of one's own that keeps the compile-time check of its format string.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace {

class Journal {
 public:
  template <typename... Arguments>
  void note(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    write(format, fmt::make_format_args(arguments...));
  }

  const std::vector<std::string>& lines() const { return lines_; }

 private:
  // Not a template: compiled once, whatever the arguments.
  void write(fmt::string_view format, fmt::format_args arguments) {
    lines_.push_back(fmt::format("{:03} ", lines_.size() + 1) + fmt::vformat(format, arguments));
  }

  std::vector<std::string> lines_;
};

}  // namespace

TEST_CASE("the journal numbers its lines") {
  Journal journal;
  journal.note("started");
  journal.note("{} of {} done", 3, 4);
  CHECK(journal.lines() == std::vector<std::string>{"001 started", "002 3 of 4 done"});
}
