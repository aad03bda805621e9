// The compiler itself counts, for half a minute.
constexpr int count() {
  int n = 0;
  for (int i = 0; i < 25000; ++i)
    for (int j = 0; j < 200; ++j) n = (n + j) % 1000;
  return n;
}
static_assert(count() >= 0);
int main() { return 0; }
