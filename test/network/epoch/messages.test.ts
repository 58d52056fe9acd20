import { expect, test } from "@jest/globals";
import { type Message, readMessage, writeMessage } from "../../../network/epoch/messages.js";
import { recordHash } from "../../../network/epoch/record.js";
import { NO_RECORD } from "../../../network/epoch/say.js";
import { inventory } from "./network.js";
import { diceOf, VotingNet } from "./voting-net.js";

const net = new VotingNet({ witnesses: 4, seed: 1 });
const made = net.make(5, 7, undefined);
const record = recordHash(made.record);
const say = net.sign(1, { slot: 5, kind: "vote", record });
const certificate = {
  slot: 4,
  kind: "void",
  record: NO_RECORD,
  signatures: [0, 1, 3].map(
    (at) => [at, net.sign(at, { slot: 4, kind: "void", record: NO_RECORD }).signature] as const,
  ),
} as const;
const MESSAGES: Message[] = [
  { type: "say", say },
  { type: "certificate", certificate },
  { type: "proposal", proposal: { ...made, say, parent: undefined, voids: [certificate] } },
  { type: "proposal", proposal: { ...made, say, parent: certificate, voids: [] } },
  { type: "inventory", inventory: inventory(2) },
  { type: "want", slot: 17 },
];

test.each(MESSAGES.map((message) => [message.type, message] as const))(
  "a %s is read as it was written",
  (_type, message) => {
    expect(readMessage(writeMessage(message))).toEqual(message);
  },
);

test("what is cut, longer or changed is another message or none, and never an error", () => {
  const dice = diceOf(7);
  for (const message of MESSAGES) {
    const bytes = writeMessage(message);
    expect(readMessage(bytes.subarray(0, bytes.length - 1))).toBeUndefined();
    expect(readMessage(Uint8Array.of(...bytes, 0))).toBeUndefined();
    for (let round = 0; round < 200; round++) {
      const changed = bytes.slice();
      changed[Math.floor(dice() * changed.length)] = Math.floor(dice() * 256);
      const read = readMessage(changed);
      if (read !== undefined) expect(writeMessage(read)).toEqual(changed);
    }
  }
  for (let round = 0; round < 2000; round++)
    readMessage(Uint8Array.from({ length: Math.floor(dice() * 40) }, () => Math.floor(dice() * 256)));
});

test("garbage changes nothing in a witness that votes", async () => {
  const dice = diceOf(9);
  const garbled = new VotingNet({ witnesses: 4, seed: 3, liars: 1 });
  garbled.heard = (message, at) => {
    if (message === undefined) return;
    const bytes = writeMessage(message);
    bytes[Math.floor(dice() * bytes.length)] = Math.floor(dice() * 256);
    const changed = readMessage(bytes);
    if (changed !== undefined) for (let to = 0; to < 3; to++) garbled.tell(to, changed, at);
  };
  await garbled.run(60_000);
  expect([garbled.failures, garbled.evidence]).toEqual([[], []]);
  for (const at of [0, 1, 2]) expect(garbled.settled[at]?.length).toBeGreaterThanOrEqual(2);
});
