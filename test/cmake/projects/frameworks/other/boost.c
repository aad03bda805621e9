int main(void) { return 0; }
/* BOOST_TEST_MODULE */
