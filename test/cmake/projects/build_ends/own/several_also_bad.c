int also_bad(void) { return also_wrong_in_source; }
