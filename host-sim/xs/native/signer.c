#include "host.h"

#include "include/secp256k1.h"

static secp256k1_context* context;

void xsh_signer_open(void)
{
	uint8_t seed[32];
	context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
	xsh_random_system(seed, sizeof seed);
	/* Blinds what signing does from who measures it. */
	if (context == NULL || !secp256k1_context_randomize(context, seed)) {
		fprintf(stderr, "xs-host: libsecp256k1 does not start\n");
		exit(1);
	}
	xsh_erase(seed, sizeof seed);
}

bool xsh_public_key(const uint8_t key[XSH_KEY_BYTES], uint8_t public_key[XSH_PUBLIC_KEY_BYTES])
{
	secp256k1_pubkey point;
	size_t length = XSH_PUBLIC_KEY_BYTES;
	return secp256k1_ec_pubkey_create(context, &point, key)
		&& secp256k1_ec_pubkey_serialize(context, public_key, &length, &point, SECP256K1_EC_COMPRESSED);
}

bool xsh_sign(const uint8_t key[XSH_KEY_BYTES], const uint8_t digest[XSH_DIGEST_BYTES], uint8_t signature[XSH_SIGNATURE_BYTES])
{
	secp256k1_ecdsa_signature made;
	/* The default nonce is RFC 6979's, and the library makes low S only. */
	return secp256k1_ecdsa_sign(context, &made, digest, key, NULL, NULL)
		&& secp256k1_ecdsa_signature_serialize_compact(context, signature, &made);
}

bool xsh_verify(const uint8_t signature[XSH_SIGNATURE_BYTES], const uint8_t digest[XSH_DIGEST_BYTES], const uint8_t* public_key, size_t length)
{
	secp256k1_ecdsa_signature parsed;
	secp256k1_pubkey point;
	/* The library takes low S only. */
	return secp256k1_ecdsa_signature_parse_compact(context, &parsed, signature)
		&& secp256k1_ec_pubkey_parse(context, &point, public_key, length) && secp256k1_ecdsa_verify(context, &parsed, digest, &point);
}

void xsh_erase(void* data, size_t length)
{
	explicit_bzero(data, length);
}
