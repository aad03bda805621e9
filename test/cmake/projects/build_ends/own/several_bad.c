int bad(void) { return wrong_in_source; }
