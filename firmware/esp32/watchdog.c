/*
 * ESP-IDF's task watchdog. The SDK feeds it for its own task at every turn of the event loop; this is a second user,
 * which only a timer of ours feeds: also a board whose timers stopped, or whose loop runs without us, is reset.
 */
#include "xsmc.h"

#include "esp_task_wdt.h"
#include "sdkconfig.h"

#if !defined(CONFIG_ESP_TASK_WDT_INIT) || !defined(CONFIG_ESP_TASK_WDT_PANIC)
#error "nothing would reset a board that hangs: set CONFIG_ESP_TASK_WDT_EN, CONFIG_ESP_TASK_WDT_INIT and CONFIG_ESP_TASK_WDT_PANIC"
#endif

static esp_task_wdt_user_handle_t user;

/* start() */
void xs_fieldmark_watchdogStart(xsMachine* the)
{
	if (!user && esp_task_wdt_add_user("fieldmark", &user) != ESP_OK) xsUnknownError("watchdog: not started");
}

/* feed(): nothing before start. */
void xs_fieldmark_watchdogFeed(xsMachine* the)
{
	(void)the;
	if (user) esp_task_wdt_reset_user(user);
}
