int bad(void);
int also_bad(void);
int good(void);
int main(void) { return bad() + also_bad() + good(); }
