/* libsecp256k1, compiled as one unit; the build gives its options. */
#include "src/secp256k1.c"
