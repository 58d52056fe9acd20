#include "signer.h"
#include "erase.h"
#include "secp256k1-api.h"

/* Holds no key: one serves all signers. */
static secp256k1_context* context;

fm_status fm_signer_boot(fm_entropy* entropy)
{
	uint8_t seed[32];
	/* Releases since 0.2 take no notice of which of the two it is for; older ones make a table for each. */
	if (context == NULL) context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
	if (context == NULL) return FM_NOT_BOOTED;
	bool random = fm_entropy_fill(entropy, seed, sizeof seed);
	bool blinded = random && secp256k1_context_randomize(context, seed);
	fm_erase(seed, sizeof seed);
	if (!blinded) fm_signer_shut();
	return blinded ? FM_OK : random ? FM_NOT_BOOTED : FM_NO_ENTROPY;
}

void fm_signer_shut(void)
{
	if (context != NULL) secp256k1_context_destroy(context);
	context = NULL;
}

/* Makes of signer->key a signer that is ready, or one that holds no key. Whether a key is valid is no secret. */
static fm_status finish(fm_signer* signer)
{
	secp256k1_pubkey point;
	size_t length = FM_PUBLIC_KEY_BYTES;
	signer->ready = secp256k1_ec_pubkey_create(context, &point, signer->key)
		&& secp256k1_ec_pubkey_serialize(context, signer->public_key, &length, &point, SECP256K1_EC_COMPRESSED);
	if (!signer->ready) fm_signer_close(signer);
	return signer->ready ? FM_OK : FM_BAD_KEY;
}

fm_status fm_signer_make(fm_signer* signer, fm_entropy* entropy)
{
	fm_signer_close(signer);
	if (context == NULL) return FM_NOT_BOOTED;
	fm_status status = FM_BAD_KEY;
	/* One in 2^128 is not below the order: FIPS 186-5 section A.2.2, another then. */
	while (status == FM_BAD_KEY) status = fm_entropy_fill(entropy, signer->key, FM_KEY_BYTES) ? finish(signer) : FM_NO_ENTROPY;
	return status;
}

fm_status fm_signer_take(fm_signer* signer, const uint8_t key[FM_KEY_BYTES])
{
	fm_signer_close(signer);
	if (context == NULL) return FM_NOT_BOOTED;
	memcpy(signer->key, key, FM_KEY_BYTES);
	return finish(signer);
}

fm_status fm_signer_sign(const fm_signer* signer, const uint8_t digest[FM_DIGEST_BYTES], uint8_t signature[FM_SIGNATURE_BYTES])
{
	secp256k1_ecdsa_signature made;
	if (context == NULL) return FM_NOT_BOOTED;
	/* The default nonce is RFC 6979's, and the library makes low S only. */
	if (!signer->ready || !secp256k1_ecdsa_sign(context, &made, digest, signer->key, NULL, NULL)) return FM_NO_KEY;
	secp256k1_ecdsa_signature_serialize_compact(context, signature, &made);
	return FM_OK;
}

void fm_signer_close(fm_signer* signer)
{
	fm_erase(signer, sizeof *signer);
}

bool fm_verify(const uint8_t* public_key, size_t length, const uint8_t digest[FM_DIGEST_BYTES], const uint8_t signature[FM_SIGNATURE_BYTES])
{
	secp256k1_pubkey point;
	secp256k1_ecdsa_signature given;
	/* libsecp256k1 would take the hybrid form too (first byte 6 or 7). */
	if (context == NULL || !((length == 33 && (public_key[0] | 1) == 3) || (length == 65 && public_key[0] == 4))) return false;
	return secp256k1_ec_pubkey_parse(context, &point, public_key, length)
		&& secp256k1_ecdsa_signature_parse_compact(context, &given, signature)
		&& secp256k1_ecdsa_verify(context, &given, digest, &point);
}
