import { expect, test } from "@jest/globals";
import type { SerialHandler } from "../../../agent/ports/serial.js";
import { createProvisioning } from "../../../agent/provision/server.js";
import { storedSettings } from "../../../agent/settings/board-settings.js";
import { createSettings } from "../../../agent/settings/settings.js";
import { below, createRandom32, type Random32 } from "../../../host-sim/flash/random.js";
import { VirtualClock } from "../../support/virtual-clock.js";
import { BenchHost, CONFIG, PRIVATE_KEY, WIFI_PASSWORD } from "./bench-host.js";
import { fieldmark, mended, rpc, wifiSettings } from "./packets.js";

const PACKETS = 1_000_000;
const BROKER_PASSWORD = "stored-broker-password";
const SENT_PASSWORD = "sent-broker-password";
/** What the board says is looked through, and dropped, when there is so much of it. */
const LOOK = 1 << 20;

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
const PACKETS_OF_A_TOOL = [
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
  ...fieldmark(8, 9, `ERASE ${new BenchHost().identity.device}`),
];

/** Calls nobody back before it is told to: a loop without turns of the event loop has no other way. */
class QueueingHost extends BenchHost {
  readonly later: (() => void)[] = [];

  override scan(done: Parameters<BenchHost["scan"]>[0]): void {
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

test("a million mutated packets: no crash, nothing stored by half, no secret said", () => {
  const random = createRandom32(7);
  Error.stackTraceLimit = 0; // nobody looks at that of a million refusals
  const host = new QueueingHost();
  const clock = new VirtualClock();
  const stored = { network: "demo", brokers: [{ host: "a", user: "u", password: BROKER_PASSWORD }] };
  host.configuration.merge({ ...stored, wifi: { ssid: "field", password: WIFI_PASSWORD } });
  let handler: SerialHandler | undefined;
  let said = Buffer.alloc(2 * LOOK);
  let length = 0;
  const secrets = [WIFI_PASSWORD, BROKER_PASSWORD, SENT_PASSWORD, Buffer.from(PRIVATE_KEY).toString("hex")];
  const look = () => {
    const text = said.subarray(0, length);
    for (const secret of [...secrets, Buffer.from(PRIVATE_KEY)])
      if (text.includes(secret))
        throw new Error(
          `it said ${secret} in ${JSON.stringify(text.toString("latin1").slice(Math.max(0, text.indexOf(secret) - 200), text.indexOf(secret) + 60))}`,
        );
    length = 0;
  };
  const serial = {
    open(other: SerialHandler) {
      handler = other;
    },
    write(data: Uint8Array) {
      said.set(data, length);
      length += data.length;
    },
    close() {
      handler = undefined;
    },
  };
  const { signer, store } = host;
  const server = createProvisioning({ serial, host, signer, store, clock, open: 1e12 });
  server.open();
  let answered = 0;
  let settingsSeen = host.values.get("settings");
  let changes = 0;
  for (let i = 0; i < PACKETS; i++) {
    handler?.received(
      mutated(PACKETS_OF_A_TOOL[below(random, PACKETS_OF_A_TOOL.length)] as Uint8Array, random),
    );
    if (i % 64 === 0) {
      for (const call of host.later.splice(0)) call();
      clock.advance(30);
      host.calls.length = 0;
    }
    const now = host.values.get("settings");
    if (now !== settingsSeen) {
      changes++;
      settingsSeen = now;
      createSettings(CONFIG, storedSettings(store.get("settings"))); // throws for what is not whole
    }
    if (length > LOOK) {
      answered += length;
      look();
    }
  }
  look();
  said = Buffer.alloc(0);
  expect(server.isOpen).toBe(true);
  // It was no waste of time: much of it got through.
  expect(answered).toBeGreaterThan(PACKETS);
  expect(changes).toBeGreaterThan(1000);
  expect(host.values.get("key")).toBeUndefined();
});

/** Longer than any packet. */
const scratch = new Uint8Array(512);

/** A copy with up to four things wrong, of which lengths and checksum may be mended after. It is good until the next. */
function mutated(packet: Uint8Array, random: Random32): Uint8Array {
  scratch.set(packet);
  let length = packet.length;
  for (let left = below(random, 4); left >= 0; left--) {
    const at = below(random, length);
    switch (below(random, 6)) {
      case 0:
        scratch[at] = below(random, 256);
        break;
      case 1:
        scratch[at] = (scratch[at] as number) ^ (1 << below(random, 8));
        break;
      case 2:
        length = Math.max(1, at);
        break;
      case 3:
        scratch.copyWithin(at, at + 1 + below(random, 8));
        break;
      case 4:
        scratch.copyWithin(at + 1, at, length++);
        scratch[at] = below(random, 256);
        break;
      default: // as it is
    }
  }
  return below(random, 2) === 0 ? mended(scratch, length) : scratch.subarray(0, length);
}
