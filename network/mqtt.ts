/** A broker's URL without user name, password and query, which may hold a token: what may be shown. */
export function brokerName(url: string): string {
  const parsed = new URL(url);
  parsed.username = "";
  parsed.password = "";
  parsed.search = "";
  parsed.hash = "";
  return parsed.toString().replace(/\/$/, "");
}

/** User name and password of a broker's URL, as MQTT.js takes them; it splits a URL's at the wrong colon itself. */
export function credentialsOf(url: string): { username?: string; password?: string } {
  const { username, password } = new URL(url);
  return {
    ...(username !== "" && { username: decodeURIComponent(username) }),
    ...(password !== "" && { password: decodeURIComponent(password) }),
  };
}

/** Why a connection failed, in words. Where a name has several addresses Node gives an error that says nothing. */
export function reasonOf(error: Error): string {
  const { errors } = error as AggregateError;
  return error.message || (errors?.[0] as Error | undefined)?.message || error.name;
}

const SCHEMES = ["mqtt:", "mqtts:", "ws:", "wss:"];

/** Throws RangeError for what is not a broker's URL; the message says how one looks, and shows no password. */
export function checkBrokerUrl(url: string): string {
  if (!URL.canParse(url) || !SCHEMES.includes(new URL(url).protocol) || new URL(url).hostname === "")
    throw new RangeError("not a broker URL: it looks like mqtt://host:1883 or mqtts://host:8883");
  return url;
}
