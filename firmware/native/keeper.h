#ifndef FM_KEEPER_H
#define FM_KEEPER_H

#include "signer.h"

/*
 * The device's one key in its store, as 40 bytes: "FMK1", the key (32), the first 4 bytes of SHA-256 over those 36.
 *
 * Takes the stored key; on a first boot makes one, stores it, and reads it back before it is used. `*made` says which.
 * FM_STORAGE where the store fails or the record is damaged: a device must not change its identity by itself.
 */
fm_status fm_keeper_open(fm_signer* signer, fm_entropy* entropy, bool* made);

#endif
