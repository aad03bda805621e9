#include <doctest/doctest.h>

#include "schedule/protection.hpp"
#include "support.hpp"

using namespace ptests;
using namespace ptests::unit;

namespace {

constexpr std::uint64_t k_mib = 1024 * 1024;
constexpr auto k_mib_number = static_cast<double>(k_mib);
constexpr std::uint64_t k_gib = 1024 * k_mib;

std::string show(const Protection::Decision& decision) {
  switch (decision.action) {
    case Protection::Action::go_on: return "go on" + decision.reason;
    case Protection::Action::hold: return "hold: " + decision.reason;
    case Protection::Action::shed: return "shed: " + decision.reason;
    case Protection::Action::stop: break;
  }
  return "stop: " + decision.reason;
}

MachineState with_memory(std::uint64_t mib) {
  MachineState machine;
  machine.memory_available = mib * k_mib;
  return machine;
}

/// Memory: hold below 400 MiB, shed below 200, stop below 100.
ProtectionThresholds memory_thresholds() {
  ProtectionThresholds thresholds;
  thresholds.hold.memory_available = 400 * k_mib_number;
  thresholds.shed.memory_available = 200 * k_mib_number;
  thresholds.stop.memory_available = 100 * k_mib_number;
  return thresholds;
}

}  // namespace

TEST_CASE("without thresholds nothing ever happens") {
  Protection protection{{}};
  MachineState machine;
  CHECK(show(protection.decide(machine, Seconds(0))) == "go on");
  machine = {0, 0, 100.0, 100.0, 100.0, 1000.0, 0, 100.0, 1};
  CHECK(show(protection.decide(machine, Seconds(1))) == "go on");
}

TEST_CASE("what is not known is not beyond a threshold") {
  Protection protection(default_thresholds({16 * k_gib, 8 * k_gib, {}, {}, {}, {}, 100 * k_gib}, 8));
  CHECK(show(protection.decide({}, Seconds(0))) == "go on");
}

TEST_CASE("every figure has a threshold of its own, and says which") {
  ProtectionThresholds thresholds;
  thresholds.hold = {512 * k_mib_number, 40, 90, 80, 8, 64 * k_mib_number};
  const MachineState fine{k_gib, 512 * k_mib, 40.0, 90.0, 100.0, 8.0, 64 * k_mib, 80.0};
  const auto decide = [&](const MachineState& machine) { return show(Protection(thresholds).decide(machine, Seconds(0))); };
  CHECK(decide(fine) == "go on");

  MachineState machine = fine;
  machine.memory_available = 210 * k_mib;
  CHECK(decide(machine) == "hold: memory: 210.0 MiB available, below 512.0 MiB");
  machine = fine;
  machine.memory_pressure = 45.25;
  CHECK(decide(machine) == "hold: memory pressure: 45.2 %, above 40.0 %");
  machine = fine;
  machine.cpu_pressure = 95.0;
  CHECK(decide(machine) == "hold: CPU pressure: 95.0 %, above 90.0 %");
  machine = fine;
  machine.io_stall = 95.0;
  CHECK(decide(machine) == "hold: I/O pressure: 95.0 %, above 80.0 %");
  machine = fine;
  machine.load = 8.5;
  CHECK(decide(machine) == "hold: load: 8.5, above 8.0");
  machine = fine;
  machine.disk_free = 0;
  CHECK(decide(machine) == "hold: disk: 0 B free, below 64.0 MiB");
  machine.load = 9.0;
  CHECK(decide(machine) == "hold: load: 9.0, above 8.0; disk: 0 B free, below 64.0 MiB");
}

TEST_CASE("hold, shed and hold again, and on") {
  Protection protection(memory_thresholds());
  CHECK(show(protection.decide(with_memory(400), Seconds(0))) == "go on");
  CHECK(show(protection.decide(with_memory(399), Seconds(1))) == "hold: memory: 399.0 MiB available, below 400.0 MiB");
  CHECK(show(protection.decide(with_memory(199), Seconds(2))) == "shed: memory: 199.0 MiB available, below 200.0 MiB");
  CHECK(show(protection.decide(with_memory(198), Seconds(3))) == "hold: memory: 198.0 MiB available, below 200.0 MiB");
  CHECK(show(protection.decide(with_memory(198), Seconds(3.9))).starts_with("hold"));
  CHECK(show(protection.decide(with_memory(197), Seconds(4))) == "shed: memory: 197.0 MiB available, below 200.0 MiB");
  CHECK(show(protection.decide(with_memory(1000), Seconds(5))) == "go on");
}

TEST_CASE("stop waits until the need has lasted") {
  Protection protection(memory_thresholds());
  CHECK(show(protection.decide(with_memory(50), Seconds(10))) == "shed: memory: 50.0 MiB available, below 200.0 MiB");
  CHECK(show(protection.decide(with_memory(50), Seconds(14.5))).starts_with("shed"));
  CHECK(show(protection.decide(with_memory(100), Seconds(14.9))).starts_with("hold"));  // a break
  CHECK(show(protection.decide(with_memory(60), Seconds(15))).starts_with("hold"));
  CHECK(show(protection.decide(with_memory(60), Seconds(19.9))).starts_with("shed"));
  CHECK(show(protection.decide(with_memory(60), Seconds(20))) == "stop: memory: 60.0 MiB available, below 100.0 MiB; for 5 s");
  CHECK(show(protection.decide(with_memory(500), Seconds(21))) == "go on");
}

TEST_CASE("a threshold that only stops holds until then") {
  ProtectionThresholds thresholds;
  thresholds.stop.cpu_pressure = 90;
  Protection protection(thresholds);
  MachineState machine;
  machine.cpu_pressure = 95.0;
  CHECK(show(protection.decide(machine, Seconds(0))) == "hold: CPU pressure: 95.0 %, above 90.0 %");
  CHECK(show(protection.decide(machine, Seconds(5))) == "stop: CPU pressure: 95.0 %, above 90.0 %; for 5 s");
}

TEST_CASE("pressure by a test at its own limit does not count where memory is plenty") {
  ProtectionThresholds thresholds;
  thresholds.hold.memory_pressure = 40;
  thresholds.memory_plenty = 1000 * k_mib_number;
  MachineState machine = with_memory(1001);
  machine.memory_pressure = 99.0;
  CHECK(show(Protection(thresholds).decide(machine, Seconds(0))) == "go on");
  machine.memory_available = 1000 * k_mib;
  CHECK(show(Protection(thresholds).decide(machine, Seconds(0))).starts_with("hold: memory pressure"));
  machine.memory_available.reset();
  CHECK(show(Protection(thresholds).decide(machine, Seconds(0))).starts_with("hold: memory pressure"));
  thresholds.memory_plenty.reset();
  CHECK(show(Protection(thresholds).decide(with_memory(5000), Seconds(0))) == "go on");
}

TEST_CASE("the default thresholds of machines of every size") {
  struct Row {
    std::uint64_t total;
    int processors;
    std::uint64_t hold_mib;
  };
  for (const Row& row : {
           Row{256 * k_mib, 1, 32},       // an eighth
           Row{k_gib, 2, 128},            // an eighth
           Row{4 * k_gib, 4, 256},        // the least
           Row{16 * k_gib, 16, 512},      // 32 MiB a processor
           Row{1000 * k_gib, 64, 20480},  // 2 %
       }) {
    CAPTURE(row.total);
    MachineState machine;
    machine.memory_total = row.total;
    const ProtectionThresholds thresholds = default_thresholds(machine, row.processors);
    const double hold = static_cast<double>(row.hold_mib) * k_mib_number;
    CHECK(thresholds.hold.memory_available == doctest::Approx(hold));
    CHECK(thresholds.shed.memory_available == doctest::Approx(hold / 2));
    CHECK(thresholds.stop.memory_available == doctest::Approx(hold / 4));
    CHECK_FALSE(thresholds.hold.disk_free);
  }
  CHECK_FALSE(default_thresholds({}, 4).hold.memory_available);
}

TEST_CASE("a disk that is nearly full at the beginning may still be used") {
  MachineState machine;
  machine.disk_free = 100 * k_gib;
  CHECK(default_thresholds(machine, 4).hold.disk_free == 512 * k_mib_number);
  CHECK(default_thresholds(machine, 4).stop.disk_free == 128 * k_mib_number);
  machine.disk_free = 300 * k_mib;
  CHECK(default_thresholds(machine, 4).hold.disk_free == 150 * k_mib_number);
  CHECK(show(Protection(default_thresholds(machine, 4)).decide(machine, Seconds(0))) == "go on");
  machine.disk_free = 0;
  CHECK(show(Protection(default_thresholds(machine, 4)).decide(machine, Seconds(0))) == "go on");
}

TEST_CASE("a machine that is merely busy is left alone") {
  // All four processors compute, or a few tests do nothing but write to a slow disk.
  for (const auto& [load, io_stall] : {std::pair(32.0, 60.0), std::pair(8.0, 100.0)}) {
    CAPTURE(load);
    MachineState machine{16 * k_gib, 8 * k_gib, 39.0, 100.0, 100.0, load, 100 * k_gib, io_stall, 4};
    Protection protection(default_thresholds(machine, 4));
    for (int second = 0; second < 60; ++second) CHECK(show(protection.decide(machine, Seconds(second))) == "go on");
  }
}

TEST_CASE("one that is flooded with work holds back, and neither kills nor stops") {
  struct Row {
    double load;
    double io_stall;
    std::string reason;
  };
  for (const Row& row : {
           Row{32.5, 0, "load: 32.5, above 32.0"},
           Row{8.5, 61, "I/O pressure: 61.0 %, above 60.0 %"},
           Row{500, 100, "I/O pressure: 100.0 %, above 60.0 %; load: 500.0, above 32.0"},
       }) {
    CAPTURE(row.reason);
    MachineState machine{16 * k_gib, 8 * k_gib, 0.0, 100.0, 100.0, row.load, 100 * k_gib, row.io_stall, 4};
    Protection protection(default_thresholds(machine, 4));
    for (int second = 0; second < 600; second += 10) CHECK(show(protection.decide(machine, Seconds(second))) == "hold: " + row.reason);
    machine.load = 8.0;
    CHECK(show(protection.decide(machine, Seconds(600))) == "go on");
  }
}

TEST_CASE("load is measured against the machine's processors, not those that we may use") {
  MachineState machine;
  machine.load = 100;
  machine.processors = 64;
  CHECK(show(Protection(default_thresholds(machine, 1)).decide(machine, Seconds(0))) == "go on");
  machine.processors = 0;
  machine.io_stall = 100;
  CHECK(show(Protection(default_thresholds(machine, 1)).decide(machine, Seconds(0))) == "go on");
  machine.processors = 64;
  machine.load.reset();
  CHECK(show(Protection(default_thresholds(machine, 1)).decide(machine, Seconds(0))) == "go on");
}

TEST_CASE("memory pressure on a machine that has little left") {
  MachineState machine{16 * k_gib, 2 * k_gib, 50.0, {}, {}, {}, {}};
  const ProtectionThresholds thresholds = default_thresholds(machine, 4);
  CHECK(show(Protection(thresholds).decide(machine, Seconds(0))).starts_with("hold: memory pressure"));
  machine.memory_pressure = 61.0;
  CHECK(show(Protection(thresholds).decide(machine, Seconds(0))).starts_with("shed: memory pressure"));
  machine.memory_pressure = 81.0;
  Protection protection(thresholds);
  CHECK(show(protection.decide(machine, Seconds(0))).starts_with("shed"));
  CHECK(show(protection.decide(machine, Seconds(5))).starts_with("stop: memory pressure"));
}
