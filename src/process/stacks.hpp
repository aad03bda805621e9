#pragma once

#include <string>
#include <vector>

namespace ptests {

/// The command that prints the stacks of all threads of live processes, or of a core dump: gdb or eu-stack, the first of them that is
/// in PATH. Its first word is a path; it reads no start-up file and asks no server for debug information. Empty when neither is there.
std::vector<std::string> stacks_command(const std::vector<int>& pids);
std::vector<std::string> core_stacks_command(const std::string& executable, const std::string& core_file);

/// A core dump, where its process left it.
struct FoundCore {
  std::string path;         ///< "" = there is none
  bool is_its_own = false;  ///< the name has the process in it; else the next one that crashes there overwrites the file
};

/// The core dump of process `pid` that ended in `working_directory`, by the rule of /proc/sys/kernel/core_pattern (core(5)); none when
/// a program takes them. A core of another process under the same name is none. `proc` is a root that tests replace.
FoundCore find_core(const std::string& working_directory, int pid, const std::string& proc = "/proc");

/// Moves a core dump that the next one would overwrite to `keep_as`. Where it is then: the old place when it is its own or cannot be
/// moved from there; "" when there is none, or another process's has replaced it.
std::string keep_core(const FoundCore& core, int pid, const std::string& keep_as);

/// Whether the file is certainly the core dump of a process other than `pid`.
bool is_core_of_another(const std::string& path, int pid);

/// A debugger's output without its chatter: the lines that are about processes, threads and frames, and those that say why there are none.
std::string clean_stacks(const std::string& output);

}  // namespace ptests
