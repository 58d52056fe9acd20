/* The device's identity key: ECDSA on secp256k1 by libsecp256k1. No part of this knows of a script engine. */
#ifndef FM_SIGNER_H
#define FM_SIGNER_H

#include "entropy.h"

enum { FM_KEY_BYTES = 32, FM_PUBLIC_KEY_BYTES = 33, FM_SIGNATURE_BYTES = 64 };

typedef enum {
	FM_OK = 0,
	/* libsecp256k1 did not start (no memory), or fm_signer_boot was not called. */
	FM_NOT_BOOTED,
	/* The random source failed its health test, or does not answer. */
	FM_NO_ENTROPY,
	/* Zero, or not below the group's order. */
	FM_BAD_KEY,
	/* The signer holds no key. */
	FM_NO_KEY,
	/* The key's store failed, or what it holds is damaged. No other key was made. */
	FM_STORAGE
} fm_status;

/* One device's key; the owner of the memory calls fm_signer_close before it lets go of it. Zeros are a signer without a key. */
typedef struct {
	uint8_t key[FM_KEY_BYTES];
	uint8_t public_key[FM_PUBLIC_KEY_BYTES];
	bool ready;
} fm_signer;

/*
 * Once a process: makes libsecp256k1's context and blinds its computations with random bytes (secp256k1_context_randomize).
 * Called once more, it blinds the context afresh.
 */
fm_status fm_signer_boot(fm_entropy* entropy);
/* Gives the context back. */
void fm_signer_shut(void);

/* A new key. FM_OK, FM_NOT_BOOTED or FM_NO_ENTROPY; where it fails, the signer holds no key. */
fm_status fm_signer_make(fm_signer* signer, fm_entropy* entropy);
/* Takes a copy of a key that exists. FM_OK, FM_NOT_BOOTED or FM_BAD_KEY; where it fails, the signer holds no key. The caller's bytes are the caller's to erase. */
fm_status fm_signer_take(fm_signer* signer, const uint8_t key[FM_KEY_BYTES]);
/*
 * r || s, big-endian, 32 bytes each: nonce by RFC 6979 section 3.2, low S. FM_OK, FM_NOT_BOOTED or FM_NO_KEY, and then nothing is written.
 * For a digest that is not below the group's order (one in 2^128) the nonce differs from the RFC's, as always with libsecp256k1.
 */
fm_status fm_signer_sign(const fm_signer* signer, const uint8_t digest[FM_DIGEST_BYTES], uint8_t signature[FM_SIGNATURE_BYTES]);
/* Erases the key. */
void fm_signer_close(fm_signer* signer);

/*
 * Whether it is a low-S signature over `digest`. The public key has 33 or 65 bytes (SEC 1 section 2.3.3, no hybrid form).
 * False for anything else, and before fm_signer_boot.
 */
bool fm_verify(const uint8_t* public_key, size_t length, const uint8_t digest[FM_DIGEST_BYTES], const uint8_t signature[FM_SIGNATURE_BYTES]);

#endif
