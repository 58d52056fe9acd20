import { afterEach, expect, test } from "@jest/globals";
import { hex } from "../../../../agent/cose/kid.js";
import type { Position } from "../../../../agent/frame/chain.js";
import { didOfKey } from "../../../../agent/frame/identity.js";
import { readStatement } from "../../../../agent/provision/read-statement.js";
import { signatureChecker } from "../../../../node/ports/signer.js";
import { BoardWitness, FORGER, STRANGER, WITNESS } from "../../../support/board-witness.js";
import { type Mosquitto, startMosquitto } from "../../../support/mosquitto.js";
import { SSID, WIFI_PASSWORD } from "./board.js";
import { CHALLENGE, plugged } from "./cases.js";

let broker: Mosquitto | undefined;
let witness: BoardWitness | undefined;

afterEach(async () => {
  await witness?.close();
  await broker?.stop();
});

test.each([
  ["in hex", hex(WITNESS.publicKey)],
  ["as did:key", didOfKey(WITNESS.publicKey)],
])("with a witness's key set over the wire, %s, frames leave by its receipts alone", async (_, key) => {
  broker = await startMosquitto();
  const { client, events, seen } = plugged();
  await client.settings({
    network: "ridge",
    brokers: [{ host: "127.0.0.1", port: broker.port }],
    keep: "witnesses",
    witnesses: 1,
    witnessKeys: [key],
  });
  await client.restart();
  const { kid } = readStatement((await client.identity(CHALLENGE)).statement, signatureChecker);
  witness = await BoardWitness.at(broker.url, "ridge", kid);
  await client.wifi(SSID, WIFI_PASSWORD);
  for (let frame = 0; frame < 3; frame++) await client.reading();
  await witness.has(3);

  const left = () => events.flatMap((event) => (event.type === "acknowledged" ? [event.position] : []));
  /** The board has read all that was published for it before, and before that the broker's PUBACKs. */
  const isRead = async () => {
    const refused = events.filter(({ type }) => type === "command").length;
    await (witness as BoardWitness).publish(Buffer.from("no receipt"));
    await seen(() => events.filter(({ type }) => type === "command").length > refused);
  };
  await isRead();
  const [first, second, third] = witness.frames as [Position, Position, Position];
  await witness.says(first, third, STRANGER);
  await witness.says(first, third, FORGER);
  // Orders are read 100 ms apart, and so are receipts, by which frames leave another 100 ms later.
  for (let turn = 0; turn < 4; turn++) await isRead();
  expect(left()).toEqual([]);

  await witness.says(first, second);
  await seen(() => left().length >= 2);
  await isRead();
  expect(left()).toEqual([first, second]);

  const { queue } = await client.journal();
  expect(queue).toBeGreaterThanOrEqual(1);
  await client.reading();
  await witness.has(4);
  await witness.says(third, witness.frames[3] as Position);
  await seen(() => left().length >= 4);
  expect(left()).toEqual(witness.frames.slice(0, 4));
});
