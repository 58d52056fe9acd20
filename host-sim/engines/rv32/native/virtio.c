#include "virtio.h"

/* Where qemu's virt machine has the devices. */
enum { FIRST = 0x10001000, STEP = 0x1000, SLOTS = 8, MAGIC = 0x74726976 };
/* Section 4.2.2. */
enum {
	DRIVER_FEATURES = 0x20, DRIVER_FEATURES_SEL = 0x24, QUEUE_SEL = 0x30, QUEUE_NUM = 0x38, QUEUE_READY = 0x44, QUEUE_NOTIFY = 0x50,
	INTERRUPT_STATUS = 0x60, INTERRUPT_ACK = 0x64, STATUS = 0x70, QUEUE_DESC = 0x80, QUEUE_DRIVER = 0x90, QUEUE_DEVICE = 0xa0,
};
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8 };
enum { DEVICE_WRITES = 2, VERSION_1_WORD = 1 };

static void put(rv_device* device, uint32_t offset, uint32_t value)
{
	device[offset / 4] = value;
}

static void put_address(rv_device* device, uint32_t offset, const volatile void* address)
{
	put(device, offset, (uint32_t)(uintptr_t)address);
	put(device, offset + 4, 0);
}

rv_device* rv_virtio_open(uint32_t id, uint32_t features)
{
	for (uint32_t slot = 0; slot < SLOTS; slot++) {
		rv_device* device = (rv_device*)(FIRST + slot * STEP);
		if (device[0] != MAGIC || device[1] != 2 || device[2] != id) continue;
		put(device, STATUS, 0);
		put(device, STATUS, ACKNOWLEDGE | DRIVER);
		put(device, DRIVER_FEATURES_SEL, 0);
		put(device, DRIVER_FEATURES, features);
		put(device, DRIVER_FEATURES_SEL, 1);
		put(device, DRIVER_FEATURES, VERSION_1_WORD);
		put(device, STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK);
		rv_interrupts_from(slot + 1);
		return device;
	}
	return NULL;
}

void rv_virtio_queue(rv_queue* queue, rv_device* device, uint32_t index)
{
	queue->device = device;
	queue->index = index;
	put(device, QUEUE_SEL, index);
	put(device, QUEUE_NUM, 1);
	put_address(device, QUEUE_DESC, &queue->descriptor);
	put_address(device, QUEUE_DRIVER, &queue->available);
	put_address(device, QUEUE_DEVICE, &queue->used);
	put(device, QUEUE_READY, 1);
}

void rv_virtio_start(rv_device* device)
{
	put(device, STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
}

static void begin(rv_queue* queue, const void* data, size_t length, uint16_t flags)
{
	queue->descriptor.address = (uintptr_t)data;
	queue->descriptor.length = (uint32_t)length;
	queue->descriptor.flags = flags;
	__asm__ volatile("fence" : : : "memory");
	queue->available.index++;
	__asm__ volatile("fence" : : : "memory");
	put(queue->device, QUEUE_NOTIFY, queue->index);
}

void rv_virtio_begin_fill(rv_queue* queue, void* into, size_t length)
{
	begin(queue, into, length, DEVICE_WRITES);
}

bool rv_virtio_is_done(const rv_queue* queue)
{
	return queue->used.index == queue->available.index;
}

void rv_virtio_wait(const rv_queue* queue)
{
	__asm__ volatile("wfi");
	put(queue->device, INTERRUPT_ACK, queue->device[INTERRUPT_STATUS / 4]);
	rv_interrupts_taken();
}

uint32_t rv_virtio_end(rv_queue* queue)
{
	while (!rv_virtio_is_done(queue)) rv_virtio_wait(queue);
	__asm__ volatile("fence" : : : "memory");
	return queue->used.ring[0].length;
}

uint32_t rv_virtio_fill(rv_queue* queue, void* into, size_t length)
{
	rv_virtio_begin_fill(queue, into, length);
	return rv_virtio_end(queue);
}

void rv_virtio_take(rv_queue* queue, const void* from, size_t length)
{
	begin(queue, from, length, 0);
	rv_virtio_end(queue);
}
