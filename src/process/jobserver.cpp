#include "process/jobserver.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <vector>

#include "base/files.hpp"
#include "base/text.hpp"

namespace ptests {

namespace {

constexpr char k_token = '+';         ///< make's own
constexpr std::size_t k_most = 4096;  ///< what a pipe takes in one piece (PIPE_BUF), more than there are processors

bool names_jobserver(std::string_view word) { return word.starts_with("--jobserver-auth=") || word.starts_with("--jobserver-fds="); }

/// MAKEFLAGS: the letters of single options, or nothing, then options, then behind "--" what was set, where any word may stand.
struct MakeFlags {
  std::vector<std::string> options;  ///< the first is the letters; without spaces within
  std::string rest;                  ///< " -- NAME=value", or ""
};

MakeFlags parse_flags(std::string_view flags) {
  MakeFlags parsed;
  // "-- NAME=value" may be all there is.
  std::size_t end = flags.starts_with("-- ") ? 0 : flags.find(" -- ");
  end = std::min(end, flags.size());
  parsed.rest = flags.substr(end);
  parsed.options = split(flags.substr(0, end), ' ');
  if (parsed.options.empty() || parsed.options.front().starts_with('-')) parsed.options.insert(parsed.options.begin(), "");
  return parsed;
}

/// Drops the jobserver and how many jobs there may be: "-j8", "-j", "-j 8".
void drop_jobs(std::vector<std::string>& options) {
  std::vector<std::string> kept;
  bool is_behind_j = false;
  for (std::string& word : options) {
    const bool is_number = is_behind_j && parse_int(word).has_value();
    is_behind_j = word == "-j";
    if (!is_number && !word.starts_with("-j") && !names_jobserver(word)) kept.push_back(std::move(word));
  }
  options = std::move(kept);
}

/// Of the first two numbers in "GNU Make 4.4.1\n..." or "1.13.0.git"; nothing when there are none.
std::optional<std::pair<int, int>> version_in(std::string_view text) {
  const std::size_t digit = text.find_first_of("0123456789");
  if (digit == text.npos) return std::nullopt;
  int major = 0;
  int minor = 0;
  const char* const end = text.data() + text.size();
  const auto [dot, error] = std::from_chars(text.data() + digit, end, major);
  if (error != std::errc() || dot == end || *dot != '.') return std::nullopt;
  if (std::from_chars(dot + 1, end, minor).ec != std::errc()) return std::nullopt;
  return std::pair(major, minor);
}

}  // namespace

// ---- The fifo ---------------------------------------------------------------

Result<JobFifo> JobFifo::make(std::string path) {
  if (::mkfifo(path.c_str(), S_IRUSR | S_IWUSR) != 0) return fail(describe_errno("making", path, errno));
  // For reading and writing: a client that opens one end would else wait for the other, and tokens would go with the last client.
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  const int code = errno;
  struct stat info {};
  const bool is_open = fd && ::fstat(fd.get(), &info) == 0;
  JobFifo fifo(std::move(path), std::move(fd));
  if (!is_open) return fail(describe_errno("opening", fifo.path_, code));
  fifo.device_ = info.st_dev;
  fifo.inode_ = info.st_ino;
  return fifo;
}

JobFifo::~JobFifo() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

int JobFifo::put(int tokens) const {
  std::array<char, k_most> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled as far as it is written
  const std::size_t count = std::min(k_most, static_cast<std::size_t>(std::max(0, tokens)));
  std::fill_n(bytes.begin(), count, k_token);
  const ssize_t n = count == 0 ? 0 : ::write(fd_.get(), bytes.data(), count);
  return static_cast<int>(std::max<ssize_t>(0, n));
}

int JobFifo::take_all() const {
  // Somebody may write more than there ever were; a few pieces are enough to empty any pipe.
  constexpr int k_most_pieces = 256;
  std::array<char, k_most> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): read(2) fills it
  int tokens = 0;
  for (int i = 0; i < k_most_pieces; ++i) {
    const ssize_t n = ::read(fd_.get(), bytes.data(), bytes.size());
    if (n <= 0) break;
    tokens += static_cast<int>(n);
    if (n < static_cast<ssize_t>(bytes.size())) break;
  }
  return tokens;
}

bool JobFifo::is_open_in(pid_t pid) const {
  std::error_code error;
  const auto is_ours = [this](const fs::directory_entry& entry) {
    struct stat info {};
    return ::stat(entry.path().c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_;
  };
  for (fs::directory_iterator entry(fmt::format("/proc/{}/fd", pid), error), end; !error && entry != end; entry.increment(error))
    if (is_ours(*entry)) return true;
  return false;
}

Result<JobFolder> JobFolder::make(std::string path) {
  if (::mkdir(path.c_str(), S_IRWXU) != 0) return fail(describe_errno("making", path, errno));
  JobFolder folder(std::move(path));
  Result<JobFifo> pool = JobFifo::make(pool_path(folder.path()));
  if (!pool) return tl::unexpected(pool.error());
  folder.pool_.emplace(std::move(*pool));
  return folder;
}

JobFolder::~JobFolder() {
  pool_.reset();
  if (!path_.empty()) ::rmdir(path_.c_str());
}

std::string pool_path(std::string_view folder) { return fmt::format("{}/pool", folder); }

// ---- What the tools are told, and what they know ----------------------------

std::string jobserver_words(int jobs, std::string_view path) { return fmt::format("-j{} --jobserver-auth=fifo:{}", jobs, path); }

std::string without_jobserver(std::string_view flags) {
  MakeFlags parsed = parse_flags(flags);
  if (std::none_of(parsed.options.begin(), parsed.options.end(), names_jobserver)) return std::string(flags);
  drop_jobs(parsed.options);
  std::string text = join(parsed.options, " ") + parsed.rest;
  return text == " " ? "" : text;
}

std::string with_jobserver(std::string_view flags, std::string_view words) {
  MakeFlags parsed = parse_flags(flags);
  drop_jobs(parsed.options);
  parsed.options.emplace_back(words);
  return join(parsed.options, " ") + (parsed.rest.starts_with("--") ? " " : "") + parsed.rest;
}

bool tools_know_fifo(const std::optional<std::string>& make_version, const std::optional<std::string>& ninja_version) {
  if (make_version) return make_version->starts_with("GNU Make ") && version_in(*make_version) >= std::pair(4, 4);
  return ninja_version && version_in(*ninja_version) >= std::pair(1, 13);
}

}  // namespace ptests
