#pragma once

#include <string>
#include <vector>

namespace ptests {

/// The command that prints the stacks of all threads of live processes, or of a core dump: gdb or eu-stack, the first of them that is
/// in PATH. Its first word is a path; it reads no start-up file and asks no server for debug information. Empty when neither is there.
std::vector<std::string> stacks_command(const std::vector<int>& pids);
std::vector<std::string> core_stacks_command(const std::string& executable, const std::string& core_file);

/// The core dump of process `pid` that ended in `working_directory`, by the rule of /proc/sys/kernel/core_pattern (core(5)); "" when
/// there is none or a program takes them. A core of another process under the same name is none. `proc` is a root that tests replace.
std::string find_core(const std::string& working_directory, int pid, const std::string& proc = "/proc");

/// A debugger's output without its chatter: the lines that are about processes, threads and frames, and those that say why there are none.
std::string clean_stacks(const std::string& output);

}  // namespace ptests
