/* A clock that nobody sets: the SDK's Time.ticks is the wall clock on Linux, and wraps after 49 days on a board. */
#include "xsmc.h"

#if ESP32
	#include "esp_timer.h"
#else
	#include <time.h>
#endif

/* (): milliseconds since some moment before this boot. */
void xs_fieldmark_uptime(xsMachine* the)
{
#if ESP32
	xsmcSetNumber(xsResult, (double)(esp_timer_get_time() / 1000));
#else
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	xsmcSetNumber(xsResult, (double)now.tv_sec * 1000.0 + (double)(now.tv_nsec / 1000000));
#endif
}
