int test();
int main() { return test(); }
