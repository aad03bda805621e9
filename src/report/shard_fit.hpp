#pragma once

#include <string>
#include <vector>

#include "report/merge.hpp"

namespace ptests {

/// Why the journals of runs with --shard do not make a whole, one text a reason: which of them is missing, is there twice, or divided the
/// tests in another way, and the cure. A missing one that had no test is no reason. Journals of other runs are not looked at; several
/// whole divisions, of two build directories say, are fine.
std::vector<std::string> describe_misfits(const std::vector<ShardJournal>& journals);

}  // namespace ptests
