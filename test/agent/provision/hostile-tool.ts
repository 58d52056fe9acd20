import { fieldmark, mended, rpc, wifiSettings } from "./packets.js";
import { RecordedHost, WIFI_PASSWORD } from "./recorded-host.js";

export const SENT_PASSWORD = "sent-broker-password";

const utf8 = (text: string) => new TextEncoder().encode(text);
const settings = (brokers: number) =>
  JSON.stringify({
    network: "ridge",
    wifi: { ssid: "field", password: WIFI_PASSWORD },
    brokers: Array.from({ length: brokers }, () => ({
      host: "b.example.org",
      user: "u",
      password: SENT_PASSWORD,
    })),
  });

/** What a technician's tool sends. */
export const PACKETS_OF_A_TOOL: readonly Uint8Array[] = [
  rpc(2),
  rpc(3),
  rpc(4),
  rpc(5),
  rpc(5, utf8("ridge-12")),
  rpc(6, utf8("Grat 12")),
  wifiSettings("field", WIFI_PASSWORD),
  ...fieldmark(
    1,
    1,
    Uint8Array.from({ length: 32 }, (_, i) => i),
  ),
  ...fieldmark(2, 2, settings(1)),
  ...fieldmark(2, 3, settings(9)),
  ...fieldmark(3, 4, 1_795_000_000_000),
  ...fieldmark(4, 5),
  ...fieldmark(5, 6),
  ...fieldmark(6, 7, Uint8Array.of(2, ...new Uint8Array(32).fill(7))),
  ...fieldmark(7, 8),
  ...fieldmark(8, 9, `ERASE ${new RecordedHost().identity.device}`),
];

/** Calls nobody back before it is told to: a loop without turns of the event loop has no other way. */
export class QueueingHost extends RecordedHost {
  readonly later: (() => void)[] = [];

  override scan(done: Parameters<RecordedHost["scan"]>[0]): void {
    this.later.push(() => done(this.networks));
  }

  override join(ssid: string, password: string, done: (isJoined: boolean) => void): void {
    const isRight = ssid === "field" && password === WIFI_PASSWORD;
    this.later.push(() => {
      if (isRight) this.configuration.merge({ wifi: { ssid, password } });
      this.isOnline = isRight;
      done(isRight);
    });
  }
}

/** Longer than any packet. */
const scratch = new Uint8Array(512);

/** A copy with up to four things wrong, of which lengths and checksum may be mended after. It is good until the next. */
export function spoiltPacket(packet: Uint8Array, below: (count: number) => number): Uint8Array {
  scratch.set(packet);
  let length = packet.length;
  for (let left = below(4); left >= 0; left--) {
    const at = below(length);
    switch (below(6)) {
      case 0:
        scratch[at] = below(256);
        break;
      case 1:
        scratch[at] = (scratch[at] as number) ^ (1 << below(8));
        break;
      case 2:
        length = Math.max(1, at);
        break;
      case 3:
        scratch.copyWithin(at, at + 1 + below(8));
        break;
      case 4:
        scratch.copyWithin(at + 1, at, length++);
        scratch[at] = below(256);
        break;
      default: // as it is
    }
  }
  return below(2) === 0 ? mended(scratch, length) : scratch.subarray(0, length);
}
