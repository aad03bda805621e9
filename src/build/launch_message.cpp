#include "build/launch_message.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"

namespace ptests {

namespace {

constexpr std::size_t k_header = 4;

// --- Writing

Json to_json(const LaunchBegin& begin) {
  return {{"message", "begin"},         {"version", k_launch_version},
          {"target", begin.target},     {"kind", begin.kind == BuildStep::Kind::link ? "link" : "compile"},
          {"language", begin.language}, {"directory", begin.directory},
          {"command", begin.command}};
}

Json to_json(const LaunchGo& go) { return {{"message", "go"}, {"version", k_launch_version}, {"entrances", go.entrances}}; }

Json to_json(const LaunchEnd& end) {
  const StepResult& result = end.result;
  return {{"message", "end"},
          {result.exit.kind == ExitStatus::Kind::signaled ? "signal" : "exit_code", result.exit.code},
          {"core_dumped", result.exit.core_dumped},
          {"user_us", result.usage.user.count()},
          {"system_us", result.usage.system.count()},
          {"peak_rss_bytes", result.usage.peak_rss_bytes},
          {"duration_us", std::chrono::duration_cast<std::chrono::microseconds>(result.duration).count()},
          {"warnings", result.warnings},
          {"output", result.output}};
}

Json to_json(const LaunchDone& /*done*/) { return Json::object({{"message", "done"}}); }

Json to_json(const LaunchStop& /*stop*/) { return Json::object({{"message", "stop"}}); }

// --- Reading

Result<void> check_version(const JsonAt& message) {
  const JsonAt version(message, "version");
  const Result<int> number = version.cmake_int();
  if (!number || *number != k_launch_version) return version.expected(fmt::format("version {}", k_launch_version));
  return {};
}

/// 0 and more; what no double holds exactly (2^53 microseconds are 285 years) no command takes.
Result<std::int64_t> read_amount(const JsonAt& at) {
  constexpr double k_most = 9007199254740992.0;
  const Result<double> number = at.cmake_number();
  if (!number || !(*number >= 0 && *number <= k_most)) return at.expected("an amount");
  return static_cast<std::int64_t>(*number);
}

Result<BuildStep::Kind> read_kind(const JsonAt& at) {
  const Result<std::string> name = at.text();
  if (name && *name == "compile") return BuildStep::Kind::compile;
  if (name && *name == "link") return BuildStep::Kind::link;
  return at.expected("\"compile\" or \"link\"");
}

Result<LaunchMessage> read_begin(const JsonAt& message) {
  if (Result<void> version = check_version(message); !version) return tl::unexpected(version.error());
  LaunchBegin begin;
  JsonMembers members(message);
  members.text("target", begin.target);
  members.take("kind", begin.kind, read_kind);
  members.text("language", begin.language);
  members.text("directory", begin.directory);
  members.take("command", begin.command, &JsonAt::texts);
  if (Result<void> read = members.result(); !read) return tl::unexpected(read.error());
  if (begin.command.empty()) return JsonAt(message, "command").expected("a command");
  return begin;
}

Result<LaunchMessage> read_go(const JsonAt& message) {
  if (Result<void> version = check_version(message); !version) return tl::unexpected(version.error());
  Result<std::vector<std::string>> entrances = JsonAt(message, "entrances").texts();
  if (!entrances) return tl::unexpected(entrances.error());
  return LaunchGo{std::move(*entrances)};
}

Result<LaunchMessage> read_end(const JsonAt& message) {
  StepResult result;
  std::int64_t user = 0;
  std::int64_t system = 0;
  std::int64_t peak = 0;
  std::int64_t duration = 0;
  JsonMembers members(message);
  const bool signaled = JsonAt(message, "signal").exists();
  result.exit.kind = signaled ? ExitStatus::Kind::signaled : ExitStatus::Kind::exited;
  members.number(signaled ? "signal" : "exit_code", result.exit.code);
  members.take("core_dumped", result.exit.core_dumped, &JsonAt::cmake_bool);
  members.take("user_us", user, read_amount);
  members.take("system_us", system, read_amount);
  members.take("peak_rss_bytes", peak, read_amount);
  members.take("duration_us", duration, read_amount);
  members.number("warnings", result.warnings);
  members.text("output", result.output);
  if (Result<void> read = members.result(); !read) return tl::unexpected(read.error());
  result.usage.user = std::chrono::microseconds(user);
  result.usage.system = std::chrono::microseconds(system);
  result.usage.peak_rss_bytes = static_cast<std::uint64_t>(peak);
  result.duration = std::chrono::microseconds(duration);
  return LaunchEnd{std::move(result)};
}

/// Whether the line has `what`, "warning: ", where a compiler or linker puts it: at its head, or behind a place or program and a colon. An
/// excerpt of the source is indented, and what an error or note quotes is no warning.
bool has_word_of_diagnostic(std::string_view line, std::string_view what) {
  const std::size_t at = line.find(what);
  if (at == 0 || at == line.npos) return at == 0;
  const std::string_view place = line.substr(0, at);
  if (!place.ends_with(": ") || place[0] == ' ' || place[0] == '\t') return false;
  constexpr std::array<std::string_view, 6> k_others{"error: ", "Error: ", "note: ", "Note: ", "remark: ", "\""};
  return std::none_of(k_others.begin(), k_others.end(), [&](std::string_view other) { return place.find(other) != place.npos; });
}

/// GNU as and gfortran write it with a capital.
bool is_warning(std::string_view line) { return has_word_of_diagnostic(line, "warning: ") || has_word_of_diagnostic(line, "Warning: "); }

bool is_source(std::string_view word) {
  constexpr std::array<std::string_view, 24> k_endings{".c",  ".C",    ".cc",  ".cp", ".cpp", ".CPP", ".cxx", ".c++",
                                                       ".cu", ".cppm", ".ixx", ".m",  ".M",   ".mm",  ".mpp", ".hip",
                                                       ".s",  ".S",    ".asm", ".f",  ".F",   ".f90", ".F90", ".f95"};
  return !word.starts_with('-') &&
         std::any_of(k_endings.begin(), k_endings.end(), [&](std::string_view ending) { return word.ends_with(ending); });
}

/// The last one counts, as for the compiler.
std::string output_of(const std::vector<std::string>& command) {
  for (std::size_t i = command.size(); i-- > 1;)
    if (command[i - 1] == "-o") return command[i];
  for (std::size_t i = command.size(); i-- > 1;)
    if (command[i].starts_with("-o") && command[i].size() > 2) return command[i].substr(2);
  return {};
}

std::string source_of(const std::vector<std::string>& command) {
  for (std::size_t i = command.size(); i-- > 1;)
    if (command[i - 1] == "-c" && !command[i].starts_with('-')) return command[i];
  for (std::size_t i = command.size(); i-- > 1;)
    if (is_source(command[i]) && command[i - 1] != "-o") return command[i];
  return {};
}

}  // namespace

Result<std::string> encode(const LaunchMessage& message) {
  const std::string json = dump_json(std::visit([](const auto& one) { return to_json(one); }, message));
  if (json.size() > k_most_frame) return fail(fmt::format("a message of {} bytes is too long", json.size()));
  std::string frame;
  frame.reserve(k_header + json.size());
  for (std::size_t i = 0; i < k_header; ++i) frame += static_cast<char>((json.size() >> (8 * i)) & 0xffU);
  return frame += json;
}

Result<LaunchMessage> decode_launch_message(std::string_view json) {
  const Result<JsonDocument> document = parse_json(json);
  if (!document) return fail("a message that is no JSON, or nested too deep");
  const JsonAt message(*document);
  const Result<std::string> name = JsonAt(message, "message").text();
  if (!name) return tl::unexpected(name.error());
  if (*name == "begin") return read_begin(message);
  if (*name == "go") return read_go(message);
  if (*name == "end") return read_end(message);
  if (*name == "done") return LaunchDone{};
  if (*name == "stop") return LaunchStop{};
  return fail(fmt::format("unknown message \"{}\"", utf8_prefix(*name, 40)));
}

Result<std::optional<std::string>> FrameReader::next() {
  if (bytes_.size() < k_header) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < k_header; ++i) size |= std::size_t{static_cast<unsigned char>(bytes_[i])} << (8 * i);
  if (size > k_most_frame) return fail(fmt::format("a message of {} bytes is too long", size));
  if (bytes_.size() < k_header + size) return std::nullopt;
  std::string json = bytes_.substr(k_header, size);
  bytes_.erase(0, k_header + size);
  return json;
}

void OutputEnds::add(std::string_view bytes) {
  const std::size_t first = std::min(bytes.size(), head_size() - head_.size());
  head_ += bytes.substr(0, first);
  bytes.remove_prefix(first);
  if (bytes.size() > most_) {
    dropped_ += tail_.size() + bytes.size() - most_;
    tail_ = bytes.substr(bytes.size() - most_);
    return;
  }
  // Half of it goes at a time, so that what comes in small pieces is not moved with each of them.
  if (tail_.size() + bytes.size() > 2 * most_ - head_size()) {
    const std::size_t surplus = tail_.size() + bytes.size() - most_;
    dropped_ += surplus;
    tail_.erase(0, surplus);
  }
  tail_ += bytes;
}

std::string OutputEnds::text(std::size_t most) const {
  most = std::min(most, most_);
  const std::size_t size = head_.size() + dropped_ + tail_.size();
  std::string whole = dropped_ == 0 ? head_ + tail_ : std::string();
  if (size <= most) return whole;
  const std::string_view tail = dropped_ == 0 ? whole : tail_;
  const std::string_view first = utf8_prefix(dropped_ == 0 ? whole : head_, most / 4);
  const std::string_view last = utf8_suffix(tail.substr(tail.size() - (most - most / 4)));
  return fmt::format("{}\n[... {} bytes are left out here ...]\n{}", first, size - first.size() - last.size(), last);
}

int count_warnings(std::string_view output) {
  int count = 0;
  // Only lines that have the word are looked at closely.
  for (std::size_t at = 0; (at = output.find("arning: ", at)) != output.npos;) {
    const std::size_t before = output.rfind('\n', at);
    const std::size_t start = before == output.npos ? 0 : before + 1;
    const std::size_t end = std::min(output.find('\n', at), output.size());
    if (count < std::numeric_limits<int>::max() && is_warning(without_escapes(output.substr(start, end - start)))) ++count;
    at = end;
  }
  return count;
}

BuildStep step_of(const LaunchBegin& begin) {
  BuildStep step;
  step.target = begin.target;
  step.kind = begin.kind;
  step.language = begin.language;
  step.output = output_of(begin.command);
  if (begin.kind == BuildStep::Kind::compile) step.source = source_of(begin.command);
  step.command = shell_quoted(begin.command);
  return step;
}

std::optional<sockaddr_un> socket_address(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path || path.find('\0') != path.npos) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

}  // namespace ptests
