/*
 * The line to the other side: port 1 of a virtio console (virtio 1.2, section 5.3; port 0 of qemu's would lose what the other side does not
 * take at once). Bytes go straight from and into the board's memory, so that it needs no buffers; what is not asked for yet waits on
 * the other side.
 */
#include "virtio.h"

enum { CONTROL_TRANSMIT = 3, RECEIVE = 4, TRANSMIT = 5, PORT = 1 };
enum { MULTIPORT = 1 << 1 };
/* Section 5.3.6.2. */
enum { DEVICE_READY = 0, PORT_READY = 3, PORT_OPEN = 6 };

static rv_queue control, receive, transmit;

static void say(uint32_t port, uint16_t event)
{
	struct {
		uint32_t port;
		uint16_t event, value;
	} message = { port, event, 1 };
	rv_virtio_take(&control, &message, sizeof message);
}

void rv_console_open(void)
{
	rv_device* device = rv_virtio_open(RV_CONSOLE, MULTIPORT);
	if (device == NULL) rv_power_off(false);
	rv_virtio_queue(&control, device, CONTROL_TRANSMIT);
	rv_virtio_queue(&receive, device, RECEIVE);
	rv_virtio_queue(&transmit, device, TRANSMIT);
	rv_virtio_start(device);
	say(0, DEVICE_READY);
	say(PORT, PORT_READY);
	say(PORT, PORT_OPEN);
}

void rv_console_await(uint8_t* into, size_t length, void (*meanwhile)(void))
{
	rv_virtio_begin_fill(&receive, into, length);
	while (!rv_virtio_is_done(&receive)) {
		if (rv_uart_has()) meanwhile();
		else rv_virtio_wait(&receive);
	}
	uint32_t got = rv_virtio_end(&receive);
	rv_console_read(into + got, length - got);
}

void rv_console_read(uint8_t* into, size_t length)
{
	while (length > 0) {
		uint32_t got = rv_virtio_fill(&receive, into, length);
		into += got;
		length -= got;
	}
}

void xsh_output_bytes(const void* data, size_t length)
{
	if (length == 0) return;
	xsh_work was = xsh_work_on(XSH_SERIAL);
	rv_virtio_take(&transmit, data, length);
	xsh_work_on(was);
}
