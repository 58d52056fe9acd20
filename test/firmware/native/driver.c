/*
 * The signer's core behind lines of text, for signer.test.ts: a command and its arguments in hex ("-" for no bytes), one answer a line.
 * The noise source is the kernel's until `source` gives another: bytes that repeat without end, or none.
 */
#include "keeper.h"
#include "signer-platform.h"
#include "erase.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { MOST = 1 << 20, ARGUMENTS = 4 };

typedef struct {
	uint8_t* data;
	size_t length;
} bytes;

static fm_signer signer;
static fm_entropy entropy;
static struct {
	bool given;
	uint8_t data[4096];
	size_t length;
	size_t at;
	size_t taken;
} source;

bool fm_platform_random(uint8_t* into, size_t length)
{
	source.taken += length;
	if (!source.given) return getrandom(into, length, 0) == (ssize_t)length;
	for (size_t i = 0; i < length && source.length > 0; i++) into[i] = source.data[source.at++ % source.length];
	return source.length > 0;
}

void fm_platform_random_begin(void)
{
}

void fm_platform_random_end(void)
{
}

static const char* name(fm_status status)
{
	static const char* const names[] = { "ok", "not-booted", "no-entropy", "bad-key", "no-key", "storage" };
	return names[status];
}

static bool decode(const char* hex, bytes* into)
{
	size_t length = strcmp(hex, "-") == 0 ? 0 : strlen(hex) / 2;
	/* Its own allocation each, so that a byte too far is seen. */
	into->data = malloc(length > 0 ? length : 1);
	into->length = length;
	for (size_t i = 0; into->data != NULL && i < length; i++) {
		unsigned byte;
		if (sscanf(hex + 2 * i, "%2x", &byte) != 1) return false;
		into->data[i] = (uint8_t)byte;
	}
	return into->data != NULL;
}

static void print(const uint8_t* data, size_t length)
{
	for (size_t i = 0; i < length; i++) printf("%02x", data[i]);
	printf("\n");
}

static bool zeros(const void* data, size_t length)
{
	const uint8_t* at = data;
	uint8_t any = 0;
	for (size_t i = 0; i < length; i++) any |= at[i];
	return any == 0;
}

static void answer(fm_status status, const uint8_t* data, size_t length)
{
	if (status == FM_OK) print(data, length);
	else printf("%s\n", name(status));
}

static void digest(const bytes* part, size_t times)
{
	uint8_t into[FM_DIGEST_BYTES];
	uint8_t* data = malloc(part->length * times + 1);
	if (data == NULL) exit(2);
	for (size_t i = 0; i < times; i++) memcpy(data + i * part->length, part->data, part->length);
	fm_sha256(data, part->length * times, into);
	free(data);
	print(into, sizeof into);
}

/* After how many samples the test fails; 0: it does not. */
static size_t health(const bytes* samples)
{
	fm_health it;
	fm_health_open(&it);
	for (size_t i = 0; i < samples->length; i++) {
		fm_health_see(&it, samples->data + i, 1);
		if (!fm_health_ok(&it)) return i + 1;
	}
	return 0;
}

static void keeper(void)
{
	bool made;
	fm_status status = fm_keeper_open(&signer, &entropy, &made);
	if (status == FM_OK) printf("%s ", made ? "made" : "found");
	answer(status, signer.public_key, sizeof signer.public_key);
}

static void run(const char* command, const bytes in[ARGUMENTS])
{
	uint8_t out[FM_SIGNATURE_BYTES] = { 0 };
	if (strcmp(command, "sha256") == 0) digest(&in[0], 1);
	else if (strcmp(command, "repeat") == 0) digest(&in[0], (size_t)in[1].data[0] << 16 | (size_t)in[1].data[1] << 8 | in[1].data[2]);
	else if (strcmp(command, "health") == 0) printf("%zu\n", health(&in[0]));
	else if (strcmp(command, "source") == 0) {
		source.given = true;
		source.length = in[0].length < sizeof source.data ? in[0].length : sizeof source.data;
		source.at = 0;
		memcpy(source.data, in[0].data, source.length);
		printf("ok\n");
	} else if (strcmp(command, "kernel") == 0) {
		source.given = false;
		printf("ok\n");
	} else if (strcmp(command, "taken") == 0) printf("%zu\n", source.taken);
	else if (strcmp(command, "open") == 0) printf("%s\n", fm_entropy_open(&entropy) ? "ok" : "no-entropy");
	else if (strcmp(command, "boot") == 0) printf("%s\n", name(fm_signer_boot(&entropy)));
	else if (strcmp(command, "shut") == 0) {
		fm_signer_shut();
		printf("ok\n");
	} else if (strcmp(command, "random") == 0) {
		uint8_t* into = malloc(in[0].data[0]);
		if (into == NULL) exit(2);
		memset(into, 0xa5, in[0].data[0]);
		bool ok = fm_entropy_fill(&entropy, into, in[0].data[0]);
		if (!ok && !zeros(into, in[0].data[0])) printf("left\n");
		else answer(ok ? FM_OK : FM_NO_ENTROPY, into, in[0].data[0]);
		free(into);
	} else if (strcmp(command, "make") == 0) answer(fm_signer_make(&signer, &entropy), signer.public_key, sizeof signer.public_key);
	else if (strcmp(command, "take") == 0) answer(fm_signer_take(&signer, in[0].data), signer.public_key, sizeof signer.public_key);
	else if (strcmp(command, "keeper") == 0) keeper();
	else if (strcmp(command, "sign") == 0) answer(fm_signer_sign(&signer, in[0].data, out), out, FM_SIGNATURE_BYTES);
	else if (strcmp(command, "close") == 0) {
		fm_signer_close(&signer);
		printf("ok\n");
	} else if (strcmp(command, "erased") == 0)
		printf("%s %s\n", zeros(&signer, sizeof signer) ? "yes" : "no", zeros(entropy.pool, sizeof entropy.pool) ? "yes" : "no");
	else if (strcmp(command, "end") == 0) {
		fm_entropy_close(&entropy);
		printf("ok\n");
	} else if (strcmp(command, "verify") == 0)
		printf("%s\n", fm_verify(in[0].data, in[0].length, in[1].data, in[2].data) ? "yes" : "no");
	else exit(2);
	fm_erase(out, sizeof out);
}

int main(void)
{
	static char line[MOST];
	while (fgets(line, sizeof line, stdin) != NULL) {
		bytes in[ARGUMENTS] = { 0 };
		char* command = strtok(line, " \n");
		char* word;
		int count = 0;
		while (count < ARGUMENTS && (word = strtok(NULL, " \n")) != NULL)
			if (!decode(word, &in[count++])) return 2;
		if (command == NULL) return 2;
		run(command, in);
		for (int i = 0; i < count; i++) free(in[i].data);
	}
	fm_signer_shut();
	return 0;
}
