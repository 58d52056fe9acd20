/*
 * Which libsecp256k1: on a board the upstream release of secp256k1.json, elsewhere the copy in npm secp256k1, or this system's
 * where FM_SECP256K1_SYSTEM says so.
 * By relative paths, since a manifest's C_FLAGS would take the place of all that an ESP32 needs. FM_SECP256K1_UPSTREAM takes upstream's anywhere.
 */
#ifndef FM_SECP256K1_API_H
#define FM_SECP256K1_API_H

#if defined(ESP32) || defined(FM_SECP256K1_UPSTREAM)
#include "../../build/secp256k1/include/secp256k1.h"
#elif defined(FM_SECP256K1_SYSTEM)
#include <secp256k1.h>
#else
#include "../../node_modules/secp256k1/src/secp256k1/include/secp256k1.h"
#endif

#endif
