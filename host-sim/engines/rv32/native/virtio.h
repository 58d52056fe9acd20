/* Devices of virtio 1.2 over MMIO, as far as this board has them: queues of one buffer. */
#ifndef RV32_VIRTIO_H
#define RV32_VIRTIO_H

#include "board.h"

typedef volatile uint32_t rv_device;

typedef struct {
	/* Section 2.7: descriptor table, available ring, used ring, of one entry each. */
	struct {
		uint64_t address;
		uint32_t length;
		uint16_t flags, next;
	} __attribute__((aligned(16))) descriptor;
	volatile struct {
		uint16_t flags, index, ring[1], unused;
	} available;
	volatile struct {
		uint16_t flags, index;
		struct {
			uint32_t id, length;
		} ring[1];
	} used;
	rv_device* device;
	uint32_t index;
} rv_queue;

enum { RV_CONSOLE = 3, RV_ENTROPY = 4 };

/* NULL: the machine has none. It is reset, and its queues are to be opened. `features`: the first 32 of them. */
rv_device* rv_virtio_open(uint32_t id, uint32_t features);
void rv_virtio_queue(rv_queue* queue, rv_device* device, uint32_t index);
/* The queues are there. */
void rv_virtio_start(rv_device* device);
/* Has the device write into memory, or read from it. Returns, when it did, how many bytes it wrote. */
uint32_t rv_virtio_fill(rv_queue* queue, void* into, size_t length);
/* The same in steps, for who has something else to do meanwhile. */
void rv_virtio_begin_fill(rv_queue* queue, void* into, size_t length);
bool rv_virtio_is_done(const rv_queue* queue);
uint32_t rv_virtio_end(rv_queue* queue);
/* Until any device has something to tell. */
void rv_virtio_wait(const rv_queue* queue);
void rv_virtio_take(rv_queue* queue, const void* from, size_t length);

#endif
