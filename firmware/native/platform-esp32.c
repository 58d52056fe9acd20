/* ESP32: the hardware random number generator, and the key in NVS (namespace "fieldmark", blob "key"). */
#include "signer-platform.h"

#if defined(ESP32)

#include "bootloader_random.h"
#include "esp_random.h"
/* By its folder: mcconfig's path has ESP-IDF's components, but not this one's headers. */
#include "nvs_flash/include/nvs.h"
#include "sdkconfig.h"

#if !defined(CONFIG_NVS_ENCRYPTION) && !defined(FM_PLAIN_KEY_STORE)
#error "the key would lie in flash as it is: set CONFIG_NVS_ENCRYPTION, or, for a board on a desk, define FM_PLAIN_KEY_STORE"
#endif

#define NAMESPACE "fieldmark"
#define NAME "key"

const char fm_platform_key_place[] = "NVS, namespace " NAMESPACE ", " NAME;

bool fm_platform_random(uint8_t* into, size_t length)
{
	/* Waits by itself until the generator has gathered enough noise for the next word. */
	esp_fill_random(into, length);
	return true;
}

void fm_platform_random_begin(void)
{
	bootloader_random_enable();
}

void fm_platform_random_end(void)
{
	bootloader_random_disable();
}

fm_stored fm_platform_key_load(uint8_t record[FM_RECORD_BYTES])
{
	nvs_handle_t store;
	size_t length = FM_RECORD_BYTES;
	esp_err_t error = nvs_open(NAMESPACE, NVS_READONLY, &store);
	if (error == ESP_OK) {
		error = nvs_get_blob(store, NAME, record, &length);
		nvs_close(store);
	}
	/* It is also what nvs_open says where the namespace was never written. */
	if (error == ESP_ERR_NVS_NOT_FOUND) return FM_NOT_STORED;
	return error == ESP_OK && length == FM_RECORD_BYTES ? FM_STORED : FM_STORE_FAILED;
}

bool fm_platform_key_store(const uint8_t record[FM_RECORD_BYTES])
{
	nvs_handle_t store;
	if (nvs_open(NAMESPACE, NVS_READWRITE, &store) != ESP_OK) return false;
	bool ok = nvs_set_blob(store, NAME, record, FM_RECORD_BYTES) == ESP_OK && nvs_commit(store) == ESP_OK;
	nvs_close(store);
	return ok;
}

#endif
