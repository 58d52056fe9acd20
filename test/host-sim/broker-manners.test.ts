import { expect, test } from "@jest/globals";
import { createMqttLink } from "../../host-sim/ports/link.js";
import { parseBrokerUrl } from "../../network/broker-address.js";
import { type Asked, openDoor } from "../support/door.js";
import { startMosquitto } from "../support/mosquitto.js";

const WILL = { topic: "status", payload: "{}" };

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
