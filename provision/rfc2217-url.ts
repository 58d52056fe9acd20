import { InputError } from "../agent/input-error.js";

/** Whether the port is one over TCP, and not one of this machine. */
export const isRfc2217 = (name: string): boolean => name.startsWith("rfc2217:");

/**
 * Host and TCP port of `rfc2217://host:port`, as pyserial and esptool name a serial port over TCP (RFC 2217). Throws InputError; its message
 * repeats no user and no password, which such a port does not have.
 */
export function parseRfc2217(url: string): { readonly hostname: string; readonly port: number } {
  const parsed = URL.canParse(url) ? new URL(url.replace(/^rfc2217:/, "tcp:")) : undefined;
  const port = Number(parsed?.port);
  if (url.includes("@"))
    throw new InputError("a port over TCP has no user and no password: rfc2217://host:4000");
  if (parsed === undefined || parsed.hostname === "" || !(port > 0))
    throw new InputError(`${url}: a port over TCP looks like rfc2217://host:4000`);
  return { hostname: parsed.hostname.replace(/^\[|\]$/g, ""), port };
}
