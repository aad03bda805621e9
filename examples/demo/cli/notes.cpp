// notes FILE COMMAND...: a list of notes in a JSON file, the tool under test of the `cli` suite.
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace {

nlohmann::json load(const std::string& file) {
  std::ifstream in(file);
  if (!in) {
    throw std::runtime_error(fmt::format("cannot read {}", file));
  }
  return nlohmann::json::parse(in);
}

void save(const std::string& file, const nlohmann::json& notes) {
  std::ofstream out(file);
  if (!(out << notes.dump(2) << '\n')) {
    throw std::runtime_error(fmt::format("cannot write {}", file));
  }
}

void set(const std::string& file, const std::string& name, const std::string& text) {
  nlohmann::json notes = load(file);
  notes[name] = text;
  save(file, notes);
}

void fill(const std::string& file, int count) {
  nlohmann::json notes = nlohmann::json::object();
  for (int n = 0; n < count; ++n) {
    notes[fmt::format("note {:05}", n)] = std::string(100, 'x');
  }
  save(file, notes);
}

void run(const std::vector<std::string>& arguments) {
  const char* usual = std::getenv("NOTES_FILE");
  const std::string file = arguments.at(0) == "-" && usual != nullptr ? usual : arguments.at(0);
  const std::string& command = arguments.at(1);
  if (command == "create") {
    save(file, nlohmann::json::object());
  } else if (command == "set") {
    set(file, arguments.at(2), arguments.at(3));
  } else if (command == "get") {
    fmt::print("{}\n", load(file).at(arguments.at(2)).get<std::string>());
  } else if (command == "fill") {
    fill(file, std::stoi(arguments.at(2)));
  } else if (command == "remove") {
    std::remove(file.c_str());
  } else {
    throw std::runtime_error(fmt::format("unknown command \"{}\"", command));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty() || arguments[0] == "--help") {
    fmt::print("usage: notes FILE create|set NAME TEXT|get NAME|fill COUNT|remove\n");
    return 0;
  }
  try {
    run(arguments);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "notes: {}\n", error.what());
    return 1;
  }
}
