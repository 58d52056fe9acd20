/** The Wi-Fi network of the boards. */
export const SSID = "Hof Nord";
export const PASSWORD = "correct horse battery";
