import { expect, test } from "@jest/globals";
import { parseBrokerUrl } from "../../../node/mqtt/broker-address.js";
import { createMqttLink } from "../../../node/ports/link.js";
import { type Asked, openDoor } from "../../support/door.js";
import { startMosquitto } from "../../support/mosquitto.js";

const WILL = { topic: "status", payload: "{}" };

/** A CONNACK of MQTT 3.1.1. */
const refusal = (code: number) => Uint8Array.of(0x20, 2, 0, code);

/** What a link hears until a frame was answered, or its session came to nothing. */
async function heardAt(url: string): Promise<string[]> {
  const heard: string[] = [];
  const link = createMqttLink(parseBrokerUrl(url), "board", 5, WILL);
  await new Promise<void>((done) =>
    link.open({
      opened() {
        heard.push("opened");
        link.publish(1, "frame", Uint8Array.of(1), false);
      },
      acknowledged(id) {
        heard.push(`acknowledged ${id}`);
        done();
      },
      refused(id, reason) {
        heard.push(`refused ${id}: ${reason}`);
        done();
      },
      closed(reason) {
        heard.push(`closed: ${reason}`);
        done();
      },
    }),
  );
  link.close();
  return heard;
}

const TAKEN = ["opened", "acknowledged 1"];
const MANNERS: readonly { name: string; likes: (asked: Asked) => boolean; heard: string[]; tries: number }[] =
  [
    { name: "all is well", likes: () => true, heard: ["opened", "refused 1: no subscriber"], tries: 1 },
    { name: "MQTT 5 is unknown", likes: ({ version }) => version === 4, heard: TAKEN, tries: 2 },
    {
      name: "nothing is retained",
      likes: ({ version, isWillRetained }) => version === 4 && !isWillRetained,
      heard: TAKEN,
      tries: 3,
    },
    {
      name: "there are no wills",
      likes: ({ version, hasWill }) => version === 4 && !hasWill,
      heard: TAKEN,
      tries: 4,
    },
    {
      name: "nobody is liked",
      likes: () => false,
      heard: ["closed: the broker ended the connection without an answer"],
      tries: 4,
    },
  ];

test.each(MANNERS)("a broker that hangs up without a word: $name", async ({ likes, heard, tries }) => {
  const broker = await startMosquitto();
  const door = await openDoor(broker.port, likes);
  expect(await heardAt(door.url)).toEqual(heard);
  expect(door.asked.length).toBe(tries);
  door.close();
  await broker.stop();
});

/** `tries`: how often it is asked, in all. Who refuses a client for what it is counts each attempt, and may ban it. */
const ANSWERS: readonly { name: string; says: Uint8Array; tries: number; reason: RegExp }[] = [
  { name: "server unavailable", says: Uint8Array.of(0x20, 3, 0, 0x88, 0), tries: 1, reason: /unavailable/i },
  { name: "a wrong password", says: Uint8Array.of(0x20, 3, 0, 0x86, 0), tries: 1, reason: /password/i },
  { name: "not authorized", says: Uint8Array.of(0x20, 3, 0, 0x87, 0), tries: 1, reason: /authorized/i },
  { name: "banned", says: Uint8Array.of(0x20, 3, 0, 0x8a, 0), tries: 1, reason: /banned/i },
  { name: "client id rejected", says: Uint8Array.of(0x20, 3, 0, 0x85, 0), tries: 1, reason: /identifier/i },
  { name: "client id rejected, in MQTT 3.1.1", says: refusal(2), tries: 1, reason: /identifier/i },
  { name: "a wrong password, in MQTT 3.1.1", says: refusal(4), tries: 1, reason: /password/i },
  { name: "not authorized, in MQTT 3.1.1", says: refusal(5), tries: 1, reason: /authorized/i },
  { name: "the version is wrong", says: Uint8Array.of(0x20, 3, 0, 0x84, 0), tries: 2, reason: /version/i },
  { name: "the version is wrong, in MQTT 3.1.1", says: refusal(1), tries: 2, reason: /version/i },
  { name: "nothing is retained", says: Uint8Array.of(0x20, 3, 0, 0x9a, 0), tries: 2, reason: /retain/i },
  { name: "what is not MQTT", says: Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), tries: 2, reason: /./ },
];

test.each(ANSWERS)("a broker that answers: $name", async ({ says, tries, reason }) => {
  const door = await openDoor(0, () => true, { says });
  const heard = await heardAt(door.url);
  door.close();
  expect(heard).toEqual([expect.stringMatching(reason)]);
  expect(door.asked.length).toBe(tries);
});
