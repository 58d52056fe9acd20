/*
 * The signer as XS sees it; firmware/ports/native.ts is its other side.
 *
 * The key is in this file's one fm_signer, never in a machine's slots or chunks, and no function returns it.
 *
 * Buffers: what xsmcGetBuffer* points to is in a chunk, and moves whenever the machine allocates. So each function checks
 * its other arguments first, then takes all its pointers, and allocates nothing from there on: xsmcGetBuffer* themselves allocate
 * only to throw, the signer never does, xsmcSetBoolean fills a slot that exists. No argument is converted, so no script runs
 * in between that could detach or resize a buffer. Results are made in this file's own memory and copied last: buffers may overlap.
 * Throwing jumps out of the function: no secret is in a local variable then.
 */
#include "keeper.h"
#include "signer-platform.h"
#include "xsmc.h"

#include <string.h>

static struct {
	fm_signer signer;
	fm_entropy entropy;
} device;

typedef struct {
	uint8_t* data;
	size_t length;
} view;

/* A native function has the arguments that the script gave, maybe fewer than it is declared with. */
static void expect(xsMachine* the, xsIntegerValue count)
{
	if (xsmcArgc < count) xsTypeError("too few arguments");
}

static view readable(xsMachine* the, int index)
{
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferReadable(xsArg(index), &data, &length);
	return (view){ data, length };
}

static view writable(xsMachine* the, int index)
{
	void* data;
	xsUnsignedValue length;
	xsmcGetBufferWritable(xsArg(index), &data, &length);
	return (view){ data, length };
}

/* A number that is one already: to convert an object would run script. */
static double number(xsMachine* the, int index)
{
	xsType type = xsmcTypeOf(xsArg(index));
	if (type != xsIntegerType && type != xsNumberType) xsTypeError("not a number");
	return xsmcToNumber(xsArg(index));
}

/* Where `needed` bytes from `at` on have room. */
static uint8_t* room(xsMachine* the, int index, double at, size_t needed)
{
	view into = writable(the, index);
	if (!(at >= 0 && at <= (double)into.length && (double)into.length - at >= (double)needed)) xsRangeError("no room");
	return into.data + (size_t)at;
}

static void refuse(xsMachine* the, fm_status status)
{
	switch (status) {
	case FM_NOT_BOOTED: xsUnknownError("signer: not open"); break;
	case FM_NO_ENTROPY: xsUnknownError("signer: the random source failed its health test"); break;
	case FM_STORAGE: xsUnknownError("signer: %s cannot be read or written, or is damaged; without it, erased, the device becomes another one", fm_platform_key_place); break;
	default: xsUnknownError("signer: no key"); break;
	}
}

static void shut(void)
{
	fm_signer_close(&device.signer);
	fm_entropy_close(&device.entropy);
	fm_signer_shut();
}

/* open(): true where this is a first boot, so that the key was made now. Before the radio and the ADC are used. */
void xs_fieldmark_open(xsMachine* the)
{
	bool made = false;
	if (!device.signer.ready) {
		fm_platform_random_begin();
		fm_status status = fm_entropy_open(&device.entropy) ? fm_signer_boot(&device.entropy) : FM_NO_ENTROPY;
		if (status == FM_OK) status = fm_keeper_open(&device.signer, &device.entropy, &made);
		fm_platform_random_end();
		if (status != FM_OK) {
			shut();
			refuse(the, status);
		}
	}
	xsmcSetBoolean(xsResult, made);
}

/* close(): erases what is secret; `open` opens it again. */
void xs_fieldmark_close(xsMachine* the)
{
	(void)the;
	shut();
}

/* publicKey(into) */
void xs_fieldmark_publicKey(xsMachine* the)
{
	expect(the, 1);
	if (!device.signer.ready) refuse(the, FM_NOT_BOOTED);
	memcpy(room(the, 0, 0, FM_PUBLIC_KEY_BYTES), device.signer.public_key, FM_PUBLIC_KEY_BYTES);
}

/* sign(digest, into, at) */
void xs_fieldmark_sign(xsMachine* the)
{
	uint8_t signature[FM_SIGNATURE_BYTES];
	expect(the, 3);
	double at = number(the, 2);
	uint8_t* into = room(the, 1, at, sizeof signature);
	view digest = readable(the, 0);
	if (digest.length != FM_DIGEST_BYTES) xsRangeError("a digest has 32 bytes");
	fm_status status = fm_signer_sign(&device.signer, digest.data, signature);
	if (status != FM_OK) refuse(the, status);
	memcpy(into, signature, sizeof signature);
}

/* sha256(data, into, at) */
void xs_fieldmark_sha256(xsMachine* the)
{
	uint8_t digest[FM_DIGEST_BYTES];
	expect(the, 3);
	double at = number(the, 2);
	uint8_t* into = room(the, 1, at, sizeof digest);
	view data = readable(the, 0);
	fm_sha256(data.data, data.length, digest);
	memcpy(into, digest, sizeof digest);
}

/* verify(signature, digest, publicKey): false also for a wrong length. */
void xs_fieldmark_verify(xsMachine* the)
{
	expect(the, 3);
	view signature = readable(the, 0);
	view digest = readable(the, 1);
	view key = readable(the, 2);
	bool good = signature.length == FM_SIGNATURE_BYTES && digest.length == FM_DIGEST_BYTES
		&& fm_verify(key.data, key.length, digest.data, signature.data);
	xsmcSetBoolean(xsResult, good);
}

/* random(into) */
void xs_fieldmark_random(xsMachine* the)
{
	expect(the, 1);
	if (!device.signer.ready) refuse(the, FM_NOT_BOOTED);
	view into = writable(the, 0);
	if (!fm_entropy_fill(&device.entropy, into.data, into.length)) refuse(the, FM_NO_ENTROPY);
}
