import { expect, test } from "@jest/globals";
import { run } from "../support/cli.js";
import { type Asked, type Manners, openDoor } from "../support/door.js";
import { startMosquitto } from "../support/mosquitto.js";

const all = () => true;
const MANNERS: readonly { name: string; likes?: (asked: Asked) => boolean; manners?: Manners }[] = [
  { name: "refuses each board: server unavailable", manners: { refuses: 0x88 } },
  { name: "refuses each board: not authorized", manners: { refuses: 0x87 } },
  { name: "hangs up at MQTT 5 without a word", likes: ({ version }) => version === 4 },
  { name: "hangs up at a retained will", likes: ({ isWillRetained }) => !isWillRetained },
  { name: "acknowledges no publication", manners: { publication: "ignored" } },
  { name: "hangs up at each publication", manners: { publication: "hangs up" } },
];

test.each(MANNERS)("nothing is lost beside a broker that $name", async ({ likes = all, manners }) => {
  const [good, bad] = await Promise.all([startMosquitto(), startMosquitto()]);
  const door = await openDoor(bad.port, likes, manners);
  const { stdout, code } = await run([
    ...["sim", "--engine", "node", "--devices", "4", "--interval", "200ms", "--readings", "4"],
    ...["--broker", door.url, "--broker", good.url, "--for", "3s", "--json"],
  ]);
  door.close();
  await Promise.all([good.stop(), bad.stop()]);
  const { signed, verified, lost, rejected } = JSON.parse(stdout).frames;
  expect({ verified, lost, rejected, code }).toEqual({ verified: signed, lost: 0, rejected: {}, code: 0 });
  expect(signed).toBeGreaterThan(0);
  expect(door.spoiled()).toBeGreaterThan(0);
});
