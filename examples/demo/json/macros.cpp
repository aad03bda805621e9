// Conversions written by the library's macros.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

using nlohmann::json;

namespace {

enum class State { stopped, running, invalid = -1 };

NLOHMANN_JSON_SERIALIZE_ENUM(State, {
                                        {State::invalid, nullptr},
                                        {State::stopped, "stopped"},
                                        {State::running, "running"},
                                    })

struct Job {
  std::string name = "unnamed";
  State state = State::stopped;
  int priority = 5;
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(Job, name, state, priority)

}  // namespace

TEST_CASE("a struct becomes an object, an enumerator its word") {
  CHECK(json(Job{"backup", State::running, 1}) == json{{"name", "backup"}, {"state", "running"}, {"priority", 1}});
}

TEST_CASE("missing members keep their defaults") {
  const Job job = json{{"name", "backup"}}.get<Job>();
  CHECK(job.name == "backup");
  CHECK(job.state == State::stopped);
  CHECK(job.priority == 5);
}

TEST_CASE("an unknown word becomes the first enumerator of the list") { CHECK(json("paused").get<State>() == State::invalid); }
