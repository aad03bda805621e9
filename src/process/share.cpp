#include "process/share.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>

namespace ptests {

namespace {

/// After that long others make room: each of two busy runs starts what it can for so long, so that few processors change hands.
constexpr std::chrono::milliseconds k_patience{500};
constexpr std::chrono::milliseconds k_interval{50};
/// Everybody makes room then, and what becomes free lies idle until we look.
constexpr std::chrono::milliseconds k_interval_in_turn{10};

std::string place_name(const GroupUse& use, int place) {
  return fmt::format("use.{:016x}.{}", ::XXH3_64bits(use.name.data(), use.name.size()), place);
}

Result<void> check_ours(int directory, const fs::path& path) {
  struct stat status {};
  if (::fstat(directory, &status) != 0) return fail(describe_errno("reading", path, errno));
  constexpr mode_t k_writable_by_others = S_IWGRP | S_IWOTH;
  if (status.st_uid == ::geteuid() && (status.st_mode & k_writable_by_others) == 0) return {};
  return fail(fmt::format("--share: {} can be written to by others", path.string()), "name a directory of your own with --share=DIR");
}

}  // namespace

// ---- One lock ---------------------------------------------------------------

Result<std::optional<FileLock>> FileLock::try_take(int directory, const fs::path& path, Mode mode) {
  constexpr mode_t k_private = 0600;
  UniqueFd fd(::openat(directory, path.filename().c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, k_private));
  if (!fd) return fail(describe_errno("opening", path, errno));
  int done = -1;
  do done = ::flock(fd.get(), (mode == Mode::shared ? LOCK_SH : LOCK_EX) | LOCK_NB);
  while (done != 0 && errno == EINTR);
  if (done != 0 && errno == EWOULDBLOCK) return std::optional<FileLock>();
  if (done != 0) return fail(describe_errno("locking", path, errno));
  // What removes old files from /tmp goes by their times.
  ::futimens(fd.get(), nullptr);
  return FileLock(std::move(fd));
}

FileLock::~FileLock() {
  // close() is not enough: a child between its birth and its exec has the descriptor too.
  if (fd_) ::flock(fd_.get(), LOCK_UN);
}

// ---- The machine ------------------------------------------------------------

fs::path MachineShare::default_directory() { return fmt::format("/tmp/ptests-share-{}", ::geteuid()); }

int MachineShare::online_processors() { return static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN))); }

Result<std::unique_ptr<MachineShare>> MachineShare::open(const fs::path& path, int processors) {
  constexpr mode_t k_private = 0700;
  if (::mkdir(path.c_str(), k_private) != 0 && errno != EEXIST) return fail(describe_errno("--share: making", path, errno));
  UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  if (!directory) return fail(describe_errno("--share: opening", path, errno), "--share=DIR takes a directory, and no link to one");
  if (const Result<void> ours = check_ours(directory.get(), path); !ours) return tl::unexpected(ours.error());
  return std::unique_ptr<MachineShare>(new MachineShare(path, std::move(directory), processors));
}

Result<MachineShare::Answer> MachineShare::try_take(const SharedNeed& need, Time now) {
  if (!turn_) {
    const Result<std::optional<FileLock>> nobodys = FileLock::try_take(directory_.get(), path_ / "turn", FileLock::Mode::shared);
    if (!nobodys) return tl::unexpected(nobodys.error());
    if (!*nobodys) return wait_for_turn(now);
  }
  Result<std::variant<Places, Denied>> places = take_places(need);
  if (!places) return tl::unexpected(places.error());
  if (auto* denied = std::get_if<Denied>(&*places)) {
    turn_.reset();
    return std::move(*denied);
  }
  const Result<bool> may = may_start(need);
  if (!may) return tl::unexpected(may.error());
  if (!*may) return wait_for_turn(now);

  stop_waiting();
  Hold hold;
  hold.share_ = this;
  hold.millicpus_ = std::clamp(need.millicpus, 0, 1000 * processors_);
  hold.places_ = std::get<Places>(std::move(*places));
  millicpus_ += hold.millicpus_;
  ++running_;
  return hold;
}

std::chrono::milliseconds MachineShare::ask_again_in() const { return turn_ ? k_interval_in_turn : k_interval; }

void MachineShare::stop_waiting() {
  waiting_since_.reset();
  turn_.reset();
}

Result<MachineShare::Answer> MachineShare::wait_for_turn(Time now) {
  if (!waiting_since_) waiting_since_ = now;
  if (!turn_ && now - *waiting_since_ >= k_patience) {
    Result<std::optional<FileLock>> turn = FileLock::try_take(directory_.get(), path_ / "turn");
    if (!turn) return tl::unexpected(turn.error());
    turn_ = std::move(*turn);
  }
  return Denied{};
}

Result<std::variant<MachineShare::Places, MachineShare::Denied>> MachineShare::take_places(const SharedNeed& need) const {
  Places places;
  for (const GroupUse& use : need.uses) {
    std::optional<FileLock> place;
    for (int number = 0; number < use.most && !place; ++number) {
      Result<std::optional<FileLock>> taken = FileLock::try_take(directory_.get(), path_ / place_name(use, number));
      if (!taken) return tl::unexpected(taken.error());
      place = std::move(*taken);
    }
    if (!place) return Denied{Denied::Kind::group, use.name};
    places.push_back(std::move(*place));
  }
  return places;
}

/// Takes processors and the right to run beside others, or alone; both or nothing.
Result<bool> MachineShare::may_start(const SharedNeed& need) {
  const bool is_alone = company_mode_ == FileLock::Mode::exclusive;
  if (running_ > 0 && (is_alone || need.company == SharedNeed::Company::none)) return false;
  const bool is_first = running_ == 0;
  if (is_first) {
    company_mode_ = need.company == SharedNeed::Company::none ? FileLock::Mode::exclusive : FileLock::Mode::shared;
    Result<std::optional<FileLock>> company = FileLock::try_take(directory_.get(), path_ / "alone", company_mode_);
    if (!company) return tl::unexpected(company.error());
    if (!*company) return false;
    company_ = std::move(*company);
  }
  Result<bool> held = hold_slots(slots_for(millicpus_ + std::clamp(need.millicpus, 0, 1000 * processors_)));
  if (held && *held) return true;
  trim_slots(slots_for(millicpus_));
  if (is_first) company_.reset();
  return held;
}

/// As Resources counts: a tenth more than there is may be given out, but never as much as another whole processor.
int MachineShare::slots_for(int millicpus) const {
  int slots = 0;
  while (1000 * slots + std::min(100 * slots, 900) < millicpus) ++slots;
  return slots;
}

Result<bool> MachineShare::hold_slots(int wanted) {
  for (int number = 0; number < processors_ && static_cast<int>(slots_.size()) < wanted; ++number) {
    if (slots_.contains(number)) continue;
    Result<std::optional<FileLock>> slot = FileLock::try_take(directory_.get(), path_ / fmt::format("slot.{}", number));
    if (!slot) return tl::unexpected(slot.error());
    if (*slot) slots_.emplace(number, std::move(**slot));
  }
  return static_cast<int>(slots_.size()) >= wanted;
}

void MachineShare::trim_slots(int wanted) {
  while (static_cast<int>(slots_.size()) > wanted) slots_.erase(std::prev(slots_.end()));
}

void MachineShare::give_back(int millicpus) {
  millicpus_ -= millicpus;
  trim_slots(slots_for(millicpus_));
  if (--running_ == 0) company_.reset();
}

}  // namespace ptests
