#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/files.hpp"
#include "base/unique_fd.hpp"
#include "core/seams.hpp"

namespace ptests {

/// events.jsonl: every event as one line of JSON, appended as it happens, so that a test's result outlives us whatever ends us. Only
/// results wait for the next event or flush(), which follow before anything is started or waited for: those of test cases come many at
/// once, and that of a test goes out with the start of the next one. Nothing is synced: it need not outlive the machine. Format:
/// event_json.hpp.
class Journal final : public Reporter {
 public:
  /// Begins `path` anew; the one of the run before stays beside it, "events.jsonl" as "events-previous.jsonl".
  static Result<std::unique_ptr<Journal>> open(const fs::path& path, Clock& clock);
  /// Goes on in `path`, behind its last whole line.
  static Result<std::unique_ptr<Journal>> open_again(const fs::path& path, Clock& clock);

  ~Journal() override { flush(); }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void on(const Event& event) override;
  void flush() override;
  /// The first error of a write; later events were written all the same where that was possible.
  Result<void> finish() override;

 private:
  Journal(fs::path path, UniqueFd fd, Clock& clock) : path_(std::move(path)), fd_(std::move(fd)), clock_(&clock) {}

  fs::path path_;
  UniqueFd fd_;
  Clock* clock_;
  /// False when nothing of it is in the file.
  bool append(std::string_view lines);

  std::string held_;  ///< lines that are not yet in the file
  off_t size_ = 0;    ///< of whole lines that are
  int failed_ = 0;    ///< errno value
};

}  // namespace ptests
