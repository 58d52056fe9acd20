/** Starts the watchdog (watchdog.c), whose time is CONFIG_ESP_TASK_WDT_TIMEOUT_S. Throws where it does not start. */
export function startWatchdog(this: unknown): undefined {
  return native("xs_fieldmark_watchdogStart").call(this);
}

export function feedWatchdog(this: unknown): undefined {
  return native("xs_fieldmark_watchdogFeed").call(this);
}
