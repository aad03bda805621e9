int bad(void);
int good(void);
int main(void) { return bad() + good(); }
