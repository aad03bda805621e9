int main(void) { return wrong_in_source; }
