#pragma once

namespace ptests {

/// `ptests launch [--target=T] [--kind=compile|link] [--language=L] -- COMMAND...`, which CMake puts before compilers and linkers. Runs the
/// command when the ptests that listens at PTESTS_BUILD_SOCKET lets it, tells it how that went, prints what the command printed, ends as
/// the command ended. Where nobody listens it becomes the command at once.
///
/// To be called before anything in this process is set up: what it does for a build is to cost next to nothing, and the command is to find
/// all as it was. Returns the exit code.
int launch(int argc, char** argv);

}  // namespace ptests
