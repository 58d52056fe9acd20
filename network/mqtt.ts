/** A broker's URL without user name and password: what may be shown. */
export function brokerName(url: string): string {
  const parsed = new URL(url);
  parsed.username = "";
  parsed.password = "";
  return parsed.toString().replace(/\/$/, "");
}

const SCHEMES = ["mqtt:", "mqtts:", "ws:", "wss:"];

/** Throws RangeError for what is not a broker's URL; the message says how one looks, and shows no password. */
export function checkBrokerUrl(url: string): string {
  if (!URL.canParse(url) || !SCHEMES.includes(new URL(url).protocol) || new URL(url).hostname === "")
    throw new RangeError(
      "not a broker URL: it looks like mqtt://host:1883 or mqtts://user:password@host:8883",
    );
  return url;
}
