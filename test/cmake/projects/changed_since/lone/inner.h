#define RESULT 0
