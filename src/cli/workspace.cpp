#include "cli/workspace.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "base/json.hpp"

namespace ptests::cli {

Result<Workspace> Workspace::open(const std::string& build_directory) {
  const fs::path directory = fs::path(build_directory) / "paralleltests";
  if (Result<void> made = make_directories(directory / "logs"); !made) return tl::unexpected(made.error());
  const fs::path path = directory / "lock";
  UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!lock) return fail(describe_errno("opening", path, errno));
  // Not flock(2): a child that is just being made would hold that, should we be killed right then.
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(lock.get(), F_SETLK, &whole) != 0)
    return fail(fmt::format("another ptests runs in {}", build_directory), "wait for it, or use another build directory");
  return Workspace(directory, std::move(lock));
}

Workspace::~Workspace() {
  std::error_code error;
  if (lock_ && has_note_) fs::remove(note_path(), error);
}

std::optional<RunRemains> Workspace::remains_of_last_run() const {
  const Result<std::string> text = read_file(note_path());
  const Result<JsonDocument> json = text ? parse_json(*text) : tl::unexpected(text.error());
  if (!json) return std::nullopt;
  const JsonAt root(*json);
  const Result<std::string> run_id = JsonAt(root, "run_id").text();
  const Result<std::string> identity = JsonAt(root, "identity").text();
  const Result<std::string> temporary = JsonAt(root, "temporary").text();
  if (!run_id || !identity || !temporary) return std::nullopt;
  // Whatever the file says, only a folder named as ours is ever removed.
  if (!temporary->empty() && fs::path(*temporary).filename() != "ptests-" + *identity) return std::nullopt;
  return RunRemains{*run_id, *identity, *temporary};
}

Result<void> Workspace::note(const RunRemains& remains) {
  const Json json = {{"run_id", remains.run_id}, {"identity", remains.identity}, {"temporary", remains.temporary}};
  has_note_ = true;
  return write_file_atomically(note_path(), dump_json(json) + "\n");
}

}  // namespace ptests::cli
