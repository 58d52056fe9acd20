#include "keeper.h"
#include "erase.h"
#include "signer-platform.h"

static const uint8_t magic[4] = { 'F', 'M', 'K', '1' };
enum { KEY_AT = sizeof magic, CHECK_AT = KEY_AT + FM_KEY_BYTES, CHECK_BYTES = FM_RECORD_BYTES - CHECK_AT };

static void compose(uint8_t record[FM_RECORD_BYTES], const uint8_t key[FM_KEY_BYTES])
{
	uint8_t digest[FM_DIGEST_BYTES];
	memcpy(record, magic, sizeof magic);
	memcpy(record + KEY_AT, key, FM_KEY_BYTES);
	fm_sha256(record, CHECK_AT, digest);
	memcpy(record + CHECK_AT, digest, CHECK_BYTES);
	fm_erase(digest, sizeof digest);
}

/* Compares all of them whatever they are: some are the key's. */
static bool equal(const uint8_t* a, const uint8_t* b, size_t length)
{
	uint8_t differ = 0;
	for (size_t i = 0; i < length; i++) differ |= a[i] ^ b[i];
	return differ == 0;
}

/* A stored record is whole where composing it again gives the same. */
static fm_status take(fm_signer* signer, const uint8_t record[FM_RECORD_BYTES])
{
	uint8_t again[FM_RECORD_BYTES];
	compose(again, record + KEY_AT);
	fm_status status = equal(again, record, FM_RECORD_BYTES) ? fm_signer_take(signer, record + KEY_AT) : FM_STORAGE;
	fm_erase(again, sizeof again);
	return status == FM_BAD_KEY ? FM_STORAGE : status;
}

fm_status fm_keeper_open(fm_signer* signer, fm_entropy* entropy, bool* made)
{
	uint8_t record[FM_RECORD_BYTES];
	fm_status status = FM_STORAGE;
	fm_signer_close(signer);
	*made = false;
	fm_stored stored = fm_platform_key_load(record);
	if (stored == FM_STORED) status = take(signer, record);
	if (stored == FM_NOT_STORED) status = fm_signer_make(signer, entropy);
	if (stored == FM_NOT_STORED && status == FM_OK) {
		compose(record, signer->key);
		fm_signer_close(signer);
		bool kept = fm_platform_key_store(record) && fm_platform_key_load(record) == FM_STORED;
		status = kept ? take(signer, record) : FM_STORAGE;
		*made = status == FM_OK;
	}
	fm_erase(record, sizeof record);
	return status;
}
