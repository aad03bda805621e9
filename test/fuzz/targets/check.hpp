#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/adapter.hpp"
#include "input.hpp"

namespace fuzz {

using Cases = std::vector<ptests::TestCase>;
using Events = std::vector<ptests::CaseEvent>;

/// What a reader reads: where it is the output itself, offsets are offsets into it.
enum class Stream : std::uint8_t { output, other };
using MakeReader = std::function<std::unique_ptr<ptests::CaseReader>()>;

/// Ends the process when a condition of ours does not hold: libFuzzer keeps the input.
void require(bool holds, std::string_view what);

/// Gives `take` the pieces of `stream` that end at `ends`, ascending offsets, each in memory of its own: the sanitizer sees who reads
/// beyond it.
void feed(std::string_view stream, std::span<const std::size_t> ends, const std::function<void(std::string_view)>& take);
/// `cuts` and the end of the stream.
std::vector<std::size_t> with_end(std::vector<std::size_t> cuts, std::size_t size);

/// The stream whole, byte by byte and cut where the input says gives the same events, and each of them keeps what CaseReader promises. The
/// same goes for a stream that ends at one of the cuts.
void check_reader(const MakeReader& make_reader, const Input& input, std::span<const std::size_t> chosen, Stream stream);

/// What `adapter` makes of the input as a listing: unique names, and commands and readers for whatever is in it.
void check_list(const ptests::Adapter& adapter, const Input& input);

/// The cases asked for: ascending indices that `choice` allows.
std::vector<std::size_t> choose(const Cases& cases, ptests::Adapter::Choice choice, std::uint8_t number);

/// The cases in the files `list*` of the corpus, and some with nasty names.
Cases sample_cases(const ptests::Adapter& adapter, const std::string& corpus);

}  // namespace fuzz
