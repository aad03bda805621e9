#include "check.h"
int main() {
  char value[64] = "";
  read_value(STAGED, value, sizeof value);
  return check("staged", value);
}
