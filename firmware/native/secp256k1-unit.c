/*
 * libsecp256k1 as one unit, without a flag of the build's: a manifest's C_FLAGS would take the place of all that an ESP32 needs.
 * secp256k1.json says which release, and why these tables.
 */
#if defined(ESP32) || defined(FM_SECP256K1_UPSTREAM)

#define COMB_BLOCKS 2
#define COMB_TEETH 5
#define ECMULT_WINDOW_SIZE 2
#include "../../build/secp256k1/src/secp256k1.c"
#include "../../build/secp256k1/src/precomputed_ecmult.c"
#include "../../build/secp256k1/src/precomputed_ecmult_gen.c"

#else

#define ECMULT_GEN_PREC_BITS 4
#define ECMULT_WINDOW_SIZE 2
#define USE_NUM_NONE 1
#define USE_FIELD_INV_BUILTIN 1
#define USE_SCALAR_INV_BUILTIN 1
#if defined(__SIZEOF_INT128__)
#define HAVE___INT128 1
#define USE_FIELD_5X52 1
#define USE_SCALAR_4X64 1
#else
#define USE_FIELD_10X26 1
#define USE_SCALAR_8X32 1
#endif
#pragma GCC diagnostic ignored "-Wunused-function"
#include "../../node_modules/secp256k1/src/secp256k1/src/secp256k1.c"

#endif
