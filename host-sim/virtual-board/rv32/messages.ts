/**
 * What an emulated device and its surroundings in Node say beyond host-sim/engines/xs/messages.ts.
 * Texts are UTF-8, numbers little-endian doubles.
 */

/** Node to device. */
export const ToDevice = {
  /**
   * A part of what the key-value store holds, before `start`; id: 16 times the value's length in all, and the key's length; bytes: the key, then
   * the part, which goes behind those before.
   */
  stored: 64,
  /** What the radio hears; bytes: FoundNetwork[] in JSON. */
  scanned: 65,
  /** id: of the question; bytes: Unix time in milliseconds where the device is in the network now, none where it was refused. */
  joined: 66,
  /** A message of the command topic, or of the receipt topic. */
  command: 67,
  /** Somebody presses the button that opens provisioning. */
  button: 68,
  /** One was too long; id: its bytes. */
  commandTooLong: 69,
  /** Bytes from the serial port: made on the board itself (native/main.c). */
  serial: 253,
} as const;

/** Device to Node. */
export const FromDevice = {
  /** What it prints on its console: DeviceEvent in JSON. */
  event: 64,
  /** id: the number of a link from now on; bytes: BrokerLink in JSON. */
  broker: 65,
  scan: 66,
  /** id: of the question; bytes: `{ ssid, password }` in JSON. */
  join: 67,
  restart: 68,
  /** The time of day was set by hand; bytes: Unix time in milliseconds. */
  clock: 69,
} as const;
