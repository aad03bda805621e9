int main(void) {
  int first_unused;
  int second_unused;
  return 0;
}
