// The adapter of FUZZ_FRAMEWORK: its list parser and its reader, both with every input.
#include "check.hpp"

namespace {

struct Target {
  std::unique_ptr<ptests::Adapter> adapter = ptests::make_adapter(FUZZ_FRAMEWORK);
  fuzz::Cases cases = fuzz::sample_cases(*adapter, FUZZ_CORPUS);
  fuzz::Stream stream = adapter->stream() == ptests::Adapter::Stream::output ? fuzz::Stream::output : fuzz::Stream::other;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Target target;
  const fuzz::Input input = fuzz::read_input({data, size});
  fuzz::check_list(*target.adapter, input);
  const std::vector<std::size_t> chosen = fuzz::choose(target.cases, target.adapter->choice(), input.choice);
  fuzz::check_reader([&] { return target.adapter->make_reader(target.cases, chosen); }, input, chosen, target.stream);
  return 0;
}
