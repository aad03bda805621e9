#include "build/ninja_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <functional>

#include "base/text.hpp"

namespace ptests {

namespace {

constexpr int k_oldest_version = 4;  // before it, commands stood in the log instead of their hashes
constexpr int k_newest_version = 7;

std::optional<std::chrono::milliseconds> parse_milliseconds(std::string_view text) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return std::chrono::milliseconds(value);
}

bool is_number(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  return !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
}

/// The same for copies of a line. Without the time of the file: `ninja -t restat` changes it.
std::size_t identity(const NinjaLogEntry& entry) {
  std::string text = entry.output;
  text.append(1, '\t').append(entry.command_hash);
  for (const std::chrono::milliseconds time : {entry.start, entry.end}) text.append(1, '\t').append(std::to_string(time.count()));
  return std::hash<std::string>()(text);
}

}  // namespace

bool is_ninja_log_header(std::string_view line) {
  constexpr std::string_view k_begin = "# ninja log v";
  if (!line.starts_with(k_begin)) return false;
  const std::optional<int> version = parse_int(line.substr(k_begin.size()));
  return version && *version >= k_oldest_version && *version <= k_newest_version;
}

std::optional<NinjaLogEntry> parse_ninja_log_line(std::string_view line) {
  std::array<std::string_view, 3> times;
  for (std::string_view& time : times) {
    const std::size_t tab = line.find('\t');
    if (tab == line.npos) return std::nullopt;
    time = line.substr(0, tab);
    line.remove_prefix(tab + 1);
  }
  const std::size_t tab = line.rfind('\t');
  const auto start = parse_milliseconds(times[0]);
  const auto end = parse_milliseconds(times[1]);
  if (!start || !end || !is_number(times[2]) || tab == line.npos || tab == 0 || tab + 1 == line.size()) return std::nullopt;
  return NinjaLogEntry{*start, *end, std::string(line.substr(0, tab)), std::string(line.substr(tab + 1))};
}

NinjaLogTail::Place NinjaLogTail::open() {
  struct stat there {};
  struct stat ours {};
  if (::stat(path_.c_str(), &there) != 0) return Place::gone;
  const bool is_same = file_ && ::fstat(file_.get(), &ours) == 0 && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
  if (is_same && there.st_size >= offset_) return Place::same;
  UniqueFd file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return Place::gone;
  file_ = std::move(file);
  offset_ = 0;
  return Place::another;
}

/// Whole lines from `offset_` on.
std::string NinjaLogTail::read_lines() {
  std::string text;
  std::array<char, 16384> buffer{};
  ssize_t n = 0;
  while ((n = ::pread(file_.get(), buffer.data(), buffer.size(), offset_ + static_cast<off_t>(text.size()))) > 0)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  const std::size_t last = text.rfind('\n');
  text.resize(last == text.npos ? 0 : last + 1);
  return text;
}

void NinjaLogTail::remember() {
  known_.clear();
  file_.reset();
  read_new();
  may_hold_copies_ = false;
}

std::vector<NinjaLogEntry> NinjaLogTail::read_new() {
  const Place place = open();
  if (place == Place::gone) return {};
  if (place == Place::another) may_hold_copies_ = true;
  const std::string text = read_lines();
  std::string_view rest = text;
  if (offset_ == 0 && !text.empty()) is_readable_ = is_ninja_log_header(rest.substr(0, rest.find('\n')));
  offset_ += static_cast<off_t>(text.size());
  if (!is_readable_) return {};

  std::vector<NinjaLogEntry> entries;
  for (std::size_t end = 0; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1)) {
    std::optional<NinjaLogEntry> entry = parse_ninja_log_line(rest.substr(0, end));
    if (!entry) continue;
    const bool is_unseen = known_.insert(identity(*entry)).second;
    // A line that was appended is news even when an older one looks the same: a command may take the same time again.
    if (is_unseen || !may_hold_copies_) entries.push_back(std::move(*entry));
  }
  return entries;
}

}  // namespace ptests
