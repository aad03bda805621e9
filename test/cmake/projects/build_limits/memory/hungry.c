/* A million initialisers: GCC needs some 190 MB for them, and about a second. */
#define X16(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
#define X256(x) \
  X16(x), X16(x), X16(x), X16(x), X16(x), X16(x), X16(x), X16(x), X16(x), X16(x), X16(x), X16(x), X16(x), X16(x), X16(x), X16(x)
#define X4K(x)                                                                                                                           \
  X256(x), X256(x), X256(x), X256(x), X256(x), X256(x), X256(x), X256(x), X256(x), X256(x), X256(x), X256(x), X256(x), X256(x), X256(x), \
      X256(x)
#define X64K(x) \
  X4K(x), X4K(x), X4K(x), X4K(x), X4K(x), X4K(x), X4K(x), X4K(x), X4K(x), X4K(x), X4K(x), X4K(x), X4K(x), X4K(x), X4K(x), X4K(x)
#define X1M(x)                                                                                                                           \
  X64K(x), X64K(x), X64K(x), X64K(x), X64K(x), X64K(x), X64K(x), X64K(x), X64K(x), X64K(x), X64K(x), X64K(x), X64K(x), X64K(x), X64K(x), \
      X64K(x)

static const unsigned char k_table[] = {X1M(1), 0};
int main(void) { return k_table[sizeof k_table - 1]; }
