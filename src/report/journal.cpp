#include "report/journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "report/event_json.hpp"

namespace ptests {

namespace {

constexpr std::size_t k_most_held = std::size_t{32} * 1024;

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const fs::path& path, Clock& clock) {
  fs::path previous = path;
  previous.replace_filename(path.stem().string() + "-previous" + path.extension().string());
  // What the run before that has left goes only when it is closed, beside the first tests.
  UniqueFd oldest(::open(previous.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  const bool has_moved = std::rename(path.c_str(), previous.c_str()) == 0;
  if (!has_moved && errno != ENOENT) return fail(describe_errno("renaming", path, errno));
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd) return fail(describe_errno("writing", path, errno));
  if (has_moved && oldest) close_aside(std::move(oldest));
  return std::unique_ptr<Journal>(new Journal(path, std::move(fd), clock));
}

Result<std::unique_ptr<Journal>> Journal::open_again(const fs::path& path, Clock& clock) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (!fd) return fail(describe_errno("writing", path, errno));
  const auto size = static_cast<off_t>(text->rfind('\n') + 1);
  if (::ftruncate(fd.get(), size) != 0) return fail(describe_errno("writing", path, errno));
  std::unique_ptr<Journal> journal(new Journal(path, std::move(fd), clock));
  journal->size_ = size;
  return journal;
}

void Journal::on(const Event& event) {
  append_event(held_, event, clock_->wall());
  if (!std::holds_alternative<TestFinished>(event) || held_.size() >= k_most_held) flush();
}

void Journal::flush() {
  if (!append(held_)) {
    // Some of them may fit.
    for (std::string_view rest = held_; !rest.empty();) {
      const std::string_view line = rest.substr(0, rest.find('\n') + 1);
      append(line);
      rest.remove_prefix(line.size());
    }
  }
  // Its memory is used again, but not what the line that names every test took.
  if (held_.capacity() > 2 * k_most_held) held_ = std::string();
  held_.clear();
}

bool Journal::append(std::string_view lines) {
  if (!fd_ || lines.empty()) return true;
  const int code = write_all(fd_.get(), lines);
  if (code == 0) {
    size_ += static_cast<off_t>(lines.size());
    return true;
  }
  if (failed_ == 0) failed_ = code;
  // The piece that was written would spoil the next line.
  if (::ftruncate(fd_.get(), size_) != 0) fd_.reset();
  return false;
}

Result<void> Journal::finish() {
  flush();
  if (failed_ != 0) return fail(describe_errno("writing", path_, failed_));
  return {};
}

}  // namespace ptests
