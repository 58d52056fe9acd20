/* What the C library and libsecp256k1 ask of a system. */
#include "board.h"

/* What would be said there is said just before an abort. */
FILE* const stderr = NULL;

void* malloc(size_t length)
{
	return xsh_malloc(length);
}

void free(void* data)
{
	xsh_free(data);
}

void abort(void)
{
	xsh_fatal("abort");
}

void secp256k1_default_illegal_callback_fn(const char* message, void* data);
void secp256k1_default_illegal_callback_fn(const char* message, void* data)
{
	(void)data;
	xsh_fatal(message);
}

void secp256k1_default_error_callback_fn(const char* message, void* data);
void secp256k1_default_error_callback_fn(const char* message, void* data)
{
	(void)data;
	xsh_fatal(message);
}
