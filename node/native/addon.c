/*
 * Checks signatures for Node, by the C sources that npm secp256k1 carries: one unit, since it calls
 * functions that they keep to themselves. node/checker-build.ts compiles it.
 *
 * The module is a function (signature, digest, key) that is true for a low-S ECDSA signature of 64
 * bytes over a digest of 32 by a key of 33 or 65 bytes (SEC 1), and false for anything else,
 * whatever it is given. Each thread has its own state.
 */
#include "src/secp256k1.c"

#include "checker.h"
#include "node-api.h"

enum { SIGNATURE_BYTES = 64, DIGEST_BYTES = 32, COMPRESSED_BYTES = 33 };

/** Copies a Uint8Array of at most `most` bytes: another thread may share it. Its length, or 0 for anything else. */
static size_t copy_bytes(napi_env env, napi_value value, unsigned char *into, size_t most)
{
	napi_typedarray_type type;
	size_t length;
	void *data;
	if (napi_get_typedarray_info(env, value, &type, &length, &data, NULL, NULL) != napi_ok) return 0;
	if (type != napi_uint8_array || length > most || data == NULL) return 0;
	memcpy(into, data, length);
	return length;
}

static napi_value verify(napi_env env, napi_callback_info info)
{
	unsigned char signature[SIGNATURE_BYTES], digest[DIGEST_BYTES], key[KEY_BYTES];
	napi_value arguments[3], result = NULL;
	size_t count = 3;
	void *own = NULL;
	bool valid = false;
	if (napi_get_cb_info(env, info, &count, arguments, NULL, &own) != napi_ok) return NULL;
	size_t key_length = copy_bytes(env, arguments[2], key, sizeof key);
	if (copy_bytes(env, arguments[0], signature, sizeof signature) == sizeof signature
		&& copy_bytes(env, arguments[1], digest, sizeof digest) == sizeof digest
		&& (key_length == KEY_BYTES || key_length == COMPRESSED_BYTES))
		valid = is_signed(own, signature, digest, key, key_length);
	napi_get_boolean(env, valid, &result);
	return result;
}

static void drop(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	free(data);
}

/** Node calls it once in each thread that loads the module (NAPI_MODULE_INIT of Node's own header). */
__attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports)
{
	napi_value function = NULL;
	checker *own = calloc(1, sizeof *own);
	(void)exports;
	if (own == NULL || napi_set_instance_data(env, own, drop, NULL) != napi_ok) {
		free(own);
		napi_throw_error(env, NULL, "no memory for the tables of keys");
		return NULL;
	}
	init_checker(own);
	napi_create_function(env, "verify", (size_t)-1, verify, own, &function);
	return function;
}
