/* The entropy device (virtio 1.2, section 5.4): the board's noise source. */
#include "virtio.h"
#include "../../../../firmware/native/signer-platform.h"

static rv_queue queue;

void rv_entropy_open(void)
{
	rv_device* device = rv_virtio_open(RV_ENTROPY, 0);
	if (device == NULL) return;
	rv_virtio_queue(&queue, device, 0);
	rv_virtio_start(device);
}

bool fm_platform_random(uint8_t* into, size_t length)
{
	if (queue.device == NULL) return false;
	xsh_work was = xsh_work_on(XSH_SERIAL);
	while (length > 0) {
		uint32_t got = rv_virtio_fill(&queue, into, length);
		if (got == 0 || got > length) break;
		into += got;
		length -= got;
	}
	xsh_work_on(was);
	return length == 0;
}

void fm_platform_random_begin(void)
{
}

void fm_platform_random_end(void)
{
}
