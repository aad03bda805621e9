#include "build/launch_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>
#include <variant>

namespace ptests {

namespace {

/// The folders to try, best first. XDG_RUNTIME_DIR lies in memory, and no other user gets into it.
std::vector<fs::path> parents(const fs::path& wanted) {
  std::vector<fs::path> result;
  if (!wanted.empty()) {
    result.push_back(wanted);
  } else {
    for (const char* name : {"XDG_RUNTIME_DIR", "TMPDIR"})
      if (const char* value = std::getenv(name); value != nullptr && *value == '/') result.emplace_back(value);
  }
  result.emplace_back("/tmp");
  return result;
}

/// Who is at the other end, when that is this user.
std::optional<pid_t> own_peer(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != ::geteuid()) return std::nullopt;
  return peer.pid;
}

}  // namespace

Result<std::unique_ptr<LaunchServer>> LaunchServer::open(uv::Loop& loop, Sink sink, const fs::path& parent) {
  std::unique_ptr<LaunchServer> server(new LaunchServer(loop, std::move(sink)));
  Result<void> listening;
  for (const fs::path& candidate : parents(parent)) {
    listening = server->listen_in(candidate);
    if (listening) break;
  }
  if (!listening) return tl::unexpected(listening.error());
  server->spare_ = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  server->listener_poll_ = uv::Poll(loop, server->listener_.get(), [at = server.get()] { at->accept_all(); });
  if (!server->listener_poll_) return fail(fmt::format("{}: no way to watch it", server->socket_path_));
  return server;
}

LaunchServer::~LaunchServer() {
  if (folder_.empty()) return;
  ::unlink(socket_path_.c_str());
  ::rmdir(folder_.c_str());
}

Result<void> LaunchServer::listen_in(const fs::path& parent) {
  const std::string pattern = (parent / "ptests-build-XXXXXX").string();
  std::string folder = pattern;
  std::string path = folder + "/socket";
  if (!socket_address(path)) return fail(fmt::format("{}: too long for the path of a socket", path));
  if (::mkdtemp(folder.data()) == nullptr) return fail(describe_errno("making", pattern, errno), "TMPDIR says where temporary folders go");
  path.replace(0, folder.size(), folder);
  const std::optional<sockaddr_un> address = socket_address(path);
  UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener || ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0 ||
      ::listen(listener.get(), SOMAXCONN) != 0) {
    const int code = errno;
    ::unlink(path.c_str());
    ::rmdir(folder.c_str());
    return fail(describe_errno("listening at", path, code));
  }
  listener_ = std::move(listener);
  folder_ = std::move(folder);
  socket_path_ = std::move(path);
  return {};
}

void LaunchServer::accept_all() {
  while (UniqueFd socket = accept_one()) add(std::move(socket));
}

UniqueFd LaunchServer::accept_one() {
  while (true) {
    UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (socket) return socket;
    const bool no_descriptor = errno == EMFILE || errno == ENFILE;
    if (!no_descriptor && errno != EINTR && errno != ECONNABORTED) return {};
    if (no_descriptor && !turn_away_one()) return {};
  }
}

bool LaunchServer::turn_away_one() {
  // Left waiting it would wake us again and again; without us it runs its command at once.
  spare_.reset();
  UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  const bool was_there = static_cast<bool>(socket);
  socket.reset();
  spare_ = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return was_there;
}

void LaunchServer::add(UniqueFd socket) {
  const std::optional<pid_t> peer = own_peer(socket.get());
  if (!peer) return;
  auto client = std::make_unique<Client>();
  const StepId step = next_++;
  client->pid = *peer;
  client->poll = uv::Poll(*loop_, socket.get(), [this, step] { on_readable(step); });
  client->socket = std::move(socket);
  if (client->poll) clients_.emplace(step, std::move(client));
}

void LaunchServer::on_readable(StepId step) {
  Client& client = *clients_.at(step);
  std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): recv(2) fills it
  const ssize_t n = ::recv(client.socket.get(), buffer.data(), buffer.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return drop(step);
  client.reader.add({buffer.data(), static_cast<std::size_t>(n)});
  while (true) {
    const Result<std::optional<std::string>> json = client.reader.next();
    if (json && !*json) return;
    Result<LaunchMessage> message = json ? decode_launch_message(**json) : tl::unexpected(json.error());
    if (!message || !take(step, client, std::move(*message))) return drop(step);
  }
}

bool LaunchServer::take(StepId step, Client& client, LaunchMessage message) {
  if (const auto* begin = std::get_if<LaunchBegin>(&message); begin != nullptr && client.state == Client::State::greeting) {
    if (is_stopping_) {
      client.state = Client::State::dismissed;
      return tell(client, LaunchStop{});
    }
    client.state = Client::State::waiting;
    sink_(StepWanted{step, step_of(*begin)});
    return true;
  }
  if (auto* end = std::get_if<LaunchEnd>(&message); end != nullptr && client.state == Client::State::running) {
    client.state = Client::State::ended;
    sink_(StepEnded{step, std::move(end->result)});
    return true;
  }
  return false;
}

void LaunchServer::drop(StepId step) {
  const auto at = clients_.find(step);
  const Client::State state = at->second->state;
  clients_.erase(at);
  if (state != Client::State::waiting && state != Client::State::running) return;
  StepResult lost;
  lost.is_lost = true;
  sink_(StepEnded{step, std::move(lost)});
}

bool LaunchServer::grant(StepId step, const std::vector<std::string>& entrances) {
  Client* client = find(step, Client::State::waiting);
  if (client == nullptr || !tell(*client, LaunchGo{entrances})) return false;
  client->state = Client::State::running;
  return true;
}

bool LaunchServer::again(StepId step, const std::vector<std::string>& entrances) {
  Client* client = find(step, Client::State::ended);
  if (client == nullptr || !tell(*client, LaunchGo{entrances})) return false;
  client->state = Client::State::running;
  return true;
}

void LaunchServer::finish(StepId step) {
  Client* client = find(step, Client::State::ended);
  if (client == nullptr) return;
  client->state = Client::State::dismissed;
  tell(*client, LaunchDone{});
}

void LaunchServer::stop() {
  is_stopping_ = true;
  for (const auto& [step, client] : clients_)
    if (client->state == Client::State::waiting || client->state == Client::State::ended) tell(*client, LaunchStop{});
}

pid_t LaunchServer::pid(StepId step) const {
  const auto at = clients_.find(step);
  return at == clients_.end() ? 0 : at->second->pid;
}

bool LaunchServer::is_waiting(StepId step) const { return find(step, Client::State::waiting) != nullptr; }

LaunchServer::Client* LaunchServer::find(StepId step, Client::State state) const {
  const auto at = clients_.find(step);
  return at != clients_.end() && at->second->state == state ? at->second.get() : nullptr;
}

bool LaunchServer::tell(Client& client, const LaunchMessage& message) {
  const Result<std::string> frame = encode(message);
  if (frame &&
      ::send(client.socket.get(), frame->data(), frame->size(), MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(frame->size()))
    return true;
  // A launcher's socket has room for the little we say: whose has not is none. What it sent before is still read, then its end.
  ::shutdown(client.socket.get(), SHUT_RDWR);
  return false;
}

}  // namespace ptests
