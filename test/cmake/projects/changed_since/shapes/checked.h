#define CHECKED(size) ((size) < 0 ? 0 : (size))
