/* What the signer asks of the machine that it runs on. Linux: random-linux.c, key-linux.c; ESP32: platform-esp32.c. */
#ifndef FM_SIGNER_PLATFORM_H
#define FM_SIGNER_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Fills `into` from the noise source, as it comes: entropy.h tests it and conditions it. False: the source does not answer.
 * Must not make up bytes where it has none.
 */
bool fm_platform_random(uint8_t* into, size_t length);

/* Brackets in which the source is true noise without the radio (ESP32). Nothing on Linux. Not while the radio or the ADC is on. */
void fm_platform_random_begin(void);
void fm_platform_random_end(void);

/* The key's record (keeper.h) as it is stored. */
enum { FM_RECORD_BYTES = 40 };

typedef enum {
	FM_STORED,
	/* Certain that there is none: a first boot. */
	FM_NOT_STORED,
	/* Cannot tell, or it is not FM_RECORD_BYTES long: a new key now would take the device's identity from it. */
	FM_STORE_FAILED
} fm_stored;

/* Where that is, for whoever has to look after it. */
extern const char fm_platform_key_place[];

fm_stored fm_platform_key_load(uint8_t record[FM_RECORD_BYTES]);
/* True only when the record survives a loss of power from now on. Must not leave half a record. */
bool fm_platform_key_store(const uint8_t record[FM_RECORD_BYTES]);

#endif
