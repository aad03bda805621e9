// The reader of what our listeners write, for cases of all frameworks that have one.
#include "framework/listener_reader.hpp"

#include "check.hpp"

namespace {

fuzz::Cases listened_cases() {
  fuzz::Cases cases;
  for (const char* const framework : {"doctest", "gtest", "catch2"}) {
    const fuzz::Cases more = fuzz::sample_cases(*ptests::make_adapter(framework), FUZZ_CORPUS);
    cases.insert(cases.end(), more.begin(), more.end());
  }
  return cases;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::Cases cases = listened_cases();
  const fuzz::Input input = fuzz::read_input({data, size});
  const std::vector<std::size_t> chosen = fuzz::choose(cases, ptests::Adapter::Choice::any, input.choice);
  fuzz::check_reader([&] { return ptests::make_listener_reader(cases, chosen); }, input, chosen, fuzz::Stream::other);
  return 0;
}
