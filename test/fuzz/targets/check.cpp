#include "check.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace fuzz {

namespace {

using ptests::Adapter;
using ptests::CaseEvent;
using ptests::Status;
using ptests::TestCase;
using Kind = CaseEvent::Kind;

auto parts_of(const CaseEvent& event) {
  return std::tie(event.kind, event.index, event.status, event.message, event.at, event.duration, event.output_offset);
}

bool same(const Events& some, const Events& others) {
  return std::ranges::equal(some, others, [](const CaseEvent& a, const CaseEvent& b) { return parts_of(a) == parts_of(b); });
}

/// What was told before the end of the stream, and all of it.
struct Told {
  Events early;
  Events all;
};

Told read(const MakeReader& make_reader, std::string_view stream, std::span<const std::size_t> ends) {
  const std::unique_ptr<ptests::CaseReader> reader = make_reader();
  Told told;
  feed(stream, ends, [&](std::string_view piece) { reader->read(piece, told.all); });
  told.early = told.all;
  reader->finish(told.all);
  return told;
}

/// One event after the others of its case.
void check_order(const CaseEvent& event, std::set<Kind>& earlier) {
  require(!earlier.contains(Kind::ended), "nothing follows the end of a case");
  if (event.kind == Kind::started) {
    require(earlier.empty(), "a case starts once, before anything else is told of it");
  } else {
    require(earlier.contains(Kind::started), "a case that ends has started");
    require(event.kind != Kind::ended || !earlier.contains(Kind::noted), "a case that crashes does not end");
  }
  earlier.insert(event.kind);
}

void check_values(const CaseEvent& event) {
  require(event.message.size() <= CaseEvent::k_most_message, "a message is no longer than it may be");
  require(event.status == Status::passed || event.status == Status::failed || event.status == Status::skipped, "a status is one of three");
  require(!event.duration || (std::isfinite(event.duration->count()) && event.duration->count() >= 0), "a duration is a length of time");
  require(!event.at || std::isfinite(event.at->count()), "a moment is one");
}

void check_events(const Events& events, std::size_t stream_size, std::span<const std::size_t> chosen, Stream stream) {
  std::map<std::size_t, std::set<Kind>> told;
  std::uint64_t last_offset = 0;
  for (const CaseEvent& event : events) {
    require(std::ranges::binary_search(chosen, event.index), "an event is about a case that was asked for");
    check_order(event, told[event.index]);
    check_values(event);
    if (stream != Stream::output || !event.output_offset) continue;
    require(*event.output_offset >= last_offset && *event.output_offset <= stream_size, "offsets ascend, and lie in the output");
    last_offset = *event.output_offset;
  }
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The listing, whichever of its two places the framework writes it to.
Cases listed(const Adapter& adapter, const std::string& text) {
  for (const auto& [output, results] : {std::pair<std::string_view, std::string_view>{text, ""}, {"", text}})
    if (ptests::Result<Cases> cases = adapter.parse_list(output, results); cases && !cases->empty()) return *std::move(cases);
  return {};
}

Cases nasty_cases() {
  Cases cases;
  const std::string long_name(400, 'n');
  for (const std::string& id :
       {std::string("Some.*"), std::string("Some.a-b:c?d"), std::string("Some.a"), std::string("Some.a"), std::string("Some/0.a/1"),
        std::string("S\xc3\xb6me.\xc3\xa4, ; [b] \\ \"c\" * / :"), std::string("Some.\xff\xed\xa0\x80"), std::string("Some.a\nb\tc\x01"),
        std::string(" Some.a "), std::string("\n"), std::string(), "Some." + long_name, "Some." + long_name + "2"}) {
    TestCase one;
    one.id = id;
    one.name = id;
    one.location = {"f.cpp", 1};
    one.labels = {"a", "!shouldfail"};
    one.disabled = cases.size() % 5 == 4;
    cases.push_back(std::move(one));
  }
  return cases;
}

/// Neighbours among those that are not disabled, or a disabled one.
std::vector<std::size_t> choose_range(const Cases& cases, std::uint8_t number) {
  std::vector<std::size_t> usual;
  std::vector<std::size_t> disabled;
  for (std::size_t i = 0; i < cases.size(); ++i) (cases[i].disabled ? disabled : usual).push_back(i);
  if (number == 0 || usual.empty()) return usual;
  if (number % 8 == 7 && !disabled.empty()) return {disabled[number / 8 % disabled.size()]};
  const std::size_t first = number % usual.size();
  const std::size_t count = std::min<std::size_t>(1 + number / 16, usual.size() - first);
  const auto begin = usual.begin() + static_cast<std::ptrdiff_t>(first);
  return {begin, begin + static_cast<std::ptrdiff_t>(count)};
}

}  // namespace

void require(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << std::endl;
  std::abort();
}

void feed(std::string_view stream, std::span<const std::size_t> ends, const std::function<void(std::string_view)>& take) {
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    const std::vector<char> piece(stream.begin() + static_cast<std::ptrdiff_t>(begin), stream.begin() + static_cast<std::ptrdiff_t>(end));
    take({piece.data(), piece.size()});
    begin = end;
  }
}

std::vector<std::size_t> with_end(std::vector<std::size_t> cuts, std::size_t size) {
  cuts.push_back(size);
  return cuts;
}

void check_reader(const MakeReader& make_reader, const Input& input, std::span<const std::size_t> chosen, Stream stream) {
  const std::string_view bytes = input.stream;
  const Told whole = read(make_reader, bytes, with_end({}, bytes.size()));
  check_events(whole.all, bytes.size(), chosen, stream);

  for (const std::vector<std::size_t>& ends : {input.bytes, with_end(input.cuts, bytes.size())}) {
    const Told told = read(make_reader, bytes, ends);
    require(same(told.early, whole.early), "events do not depend on how the stream was cut");
    require(same(told.all, whole.all), "nor do those at its end");
  }

  for (const std::size_t cut : std::span(input.cuts).first(std::min<std::size_t>(input.cuts.size(), 4))) {
    const Told head = read(make_reader, bytes.substr(0, cut), with_end({}, cut));
    check_events(head.all, cut, chosen, stream);
    require(head.early.size() <= whole.early.size(), "what is told early is part of all");
    require(same(head.early, {whole.early.begin(), whole.early.begin() + static_cast<std::ptrdiff_t>(head.early.size())}),
            "what is told early is not taken back");
  }
}

void check_list(const Adapter& adapter, const Input& input) {
  const Cases cases = listed(adapter, input.stream);
  std::set<std::string_view> names;
  for (const TestCase& one : cases) require(names.insert(one.name).second, "names are unique");
  // What is asked for of one list looks at all of its cases.
  constexpr std::size_t k_most = 64;
  if (cases.empty() || cases.size() > k_most) return;
  for (const std::uint8_t number : {std::uint8_t{0}, input.choice}) {
    const std::vector<std::size_t> chosen = choose(cases, adapter.choice(), number);
    adapter.run_command(cases, chosen, {"/input", "/results"}, {}, false);
    Events events;
    const std::unique_ptr<ptests::CaseReader> reader = adapter.make_reader(cases, chosen);
    reader->read(input.stream, events);
    reader->finish(events);
  }
}

std::vector<std::size_t> choose(const Cases& cases, Adapter::Choice choice, std::uint8_t number) {
  if (choice == Adapter::Choice::range) return choose_range(cases, number);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < cases.size(); ++i)
    if (number == 0 || ((number >> (i % 8)) & 1) != 0) chosen.push_back(i);
  return chosen;
}

Cases sample_cases(const Adapter& adapter, const std::string& corpus) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(corpus))
    if (entry.path().filename().string().starts_with("list")) files.insert(entry.path());
  Cases cases = nasty_cases();
  for (const std::filesystem::path& file : files) {
    const Cases more = listed(adapter, read_file(file));
    cases.insert(cases.end(), more.begin(), more.end());
  }
  return cases;
}

}  // namespace fuzz
