#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "process/cgroup.hpp"

namespace ptests {

/// What a run leaves when it is killed.
struct RunRemains {
  std::string run_id;     ///< for people
  std::string identity;   ///< own_identity() of its maker: its processes carry a mark made of it, its cgroups are named after it
  std::string temporary;  ///< its temporary folder; "" = none
};

/// Where the socket of a run's build lies, which has to have a short path.
std::string socket_folder_of(const std::string& identity);

/// Where the fifos of its jobserver lie, whose path stands in MAKEFLAGS: it must have no space in it.
std::string jobs_folder_of(const std::string& identity);

/// What was removed.
struct Swept {
  std::size_t processes = 0;
  std::size_t cgroups = 0;
  bool folder = false;
  bool any() const { return processes > 0 || cgroups > 0 || folder; }
};

/// Kills every process of a run whose maker is dead, and removes its cgroups and its folder. `leaders` are the processes it knew of, none
/// of them older than `born` (clock ticks since boot). Looks again and again until nothing more is found, at most some seconds.
Swept sweep(const RunRemains& remains, const CgroupRoots& cgroups, const std::vector<pid_t>& leaders = {}, std::uint64_t born = 0);

}  // namespace ptests
