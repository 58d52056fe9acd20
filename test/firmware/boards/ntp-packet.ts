/** Fields of an answer of a time server (RFC 5905 §7.3), where they are not as they should be. */
export interface NtpFields {
  readonly leap?: number;
  readonly version?: number;
  readonly mode?: number;
  readonly stratum?: number;
  /** Seconds. */
  readonly delay?: number;
  readonly dispersion?: number;
  /** Four letters. */
  readonly reference?: string;
  readonly originate?: Uint8Array;
  /** When it was sent, Unix milliseconds; and when the server was synchronised and the question came, if that was not then. */
  readonly unix?: number;
  readonly synchronised?: number;
  readonly received?: number;
}

const EPOCH = 2_208_988_800;

export function ntpPacket({
  leap = 0,
  version = 4,
  mode = 4,
  stratum = 2,
  delay = 0.02,
  dispersion = 0.01,
  reference = "GPS ",
  originate = new Uint8Array(8),
  unix = 1_800_000_000_000,
  synchronised = unix,
  received = unix,
}: NtpFields): Uint8Array {
  const packet = Buffer.alloc(48);
  packet[0] = (leap << 6) | (version << 3) | mode;
  packet[1] = stratum;
  packet.writeInt32BE(Math.round(delay * 65_536), 4);
  packet.writeUInt32BE(Math.round(dispersion * 65_536), 8);
  packet.write(reference, 12, "latin1");
  packet.set(originate, 24);
  for (const [at, time] of [
    [16, synchronised],
    [32, received],
    [40, unix],
  ] as const) {
    if (time === 0) continue; // none
    const seconds = Math.floor(time / 1000);
    packet.writeUInt32BE((seconds + EPOCH) % 2 ** 32, at);
    packet.writeUInt32BE(Math.floor(((time % 1000) / 1000) * 2 ** 32), at + 4);
  }
  return packet;
}
