#include <string>
#include "check.h"
// Beside us.
int main(int, char** argv) {
  const std::string self = argv[0];
  char value[64] = "";
  read_value((self.substr(0, self.rfind('/')) + "/copied.txt").c_str(), value, sizeof value);
  return check("copied", value);
}
