import { expect, test } from "@jest/globals";
import type { SerialHandler } from "../../../agent/ports/serial.js";
import { createProvisioning } from "../../../agent/provision/server.js";
import { storedSettings } from "../../../agent/settings/board-settings.js";
import { createSettings } from "../../../agent/settings/settings.js";
import { below, createRandom32 } from "../../../host-sim/virtual-board/flash/random.js";
import { random as systemRandom } from "../../../node/ports/random.js";
import { VirtualClock } from "../../support/virtual-clock.js";
import { PACKETS_OF_A_TOOL, QueueingHost, SENT_PASSWORD, spoiltPacket } from "./hostile-tool.js";
import { CONFIG, PRIVATE_KEY, WIFI_PASSWORD } from "./recorded-host.js";

const PACKETS = 1_000_000;
const BROKER_PASSWORD = "stored-broker-password";
/** What the board says is looked through, and dropped, when there is so much of it. */
const LOOK = 1 << 20;

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
  const server = createProvisioning({ serial, host, signer, store, clock, random: systemRandom });
  server.open(1e12);
  let answered = 0;
  let settingsSeen = host.values.get("settings");
  let changes = 0;
  for (let i = 0; i < PACKETS; i++) {
    handler?.received(
      spoiltPacket(PACKETS_OF_A_TOOL[below(random, PACKETS_OF_A_TOOL.length)] as Uint8Array, (count) =>
        below(random, count),
      ),
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
