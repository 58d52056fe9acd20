/* The reset that software asks for: ESP-IDF shuts the radio down first, and the next boot finds ESP_RST_SW. */
#include "xsmc.h"

#include "esp_system.h"

/* restart(): does not return. */
void xs_fieldmark_restart(xsMachine* the)
{
	(void)the;
	esp_restart();
}
