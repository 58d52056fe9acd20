import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import type { Message } from "./taken-in.js";

/** Milliseconds from one turn of a paced publisher to the next. */
export const TICK = 10;

/**
 * What the process runs: it sends packets that were made before, each after its length in 4 bytes,
 * and counts the acknowledgements. Tells the Unix milliseconds of each turn at its end.
 */
const PROGRAM = `
const { connect } = require("node:net");
const [, file, port, id, each] = process.argv;
const bytes = require("node:fs").readFileSync(file);
const packets = [];
for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at))
  packets.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)));
const socket = connect(Number(port), "127.0.0.1");
socket.setNoDelay(true);
socket.write(Buffer.from([0x10, 12 + id.length, 0, 4, 77, 81, 84, 84, 4, 2, 0, 0, 0, id.length, ...Buffer.from(id)]));
let answered = -4;
const times = [];
let at = 0;
function turn() {
  times.push(performance.timeOrigin + performance.now());
  const end = Math.min(packets.length, at + (Number(each) || packets.length));
  socket.write(Buffer.concat(packets.slice(at, end)));
  at = end;
  if (at < packets.length) setTimeout(turn, ${TICK});
}
socket.on("data", ({ length }) => {
  if (answered < 0) process.stdout.write("ready\\n");
  answered += length;
  if (answered === 4 * packets.length) process.stdout.write(JSON.stringify(times) + "\\n", () => process.exit());
});
process.stdin.once("data", turn);
`;

/** Publishes messages from another process, at QoS 1. */
export class Publisher {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #text = "";

  /** `each`: messages of a turn; 0: all at once. `file`: for its packets. */
  constructor(file: string, port: number, id: string, each: number, messages: readonly Message[]) {
    writeFileSync(file, Buffer.concat(messages.map(packetOf)));
    this.#child = spawn(process.execPath, ["-e", PROGRAM, file, String(port), id, String(each)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout.on("data", (text) => {
      this.#text += text;
    });
  }

  async ready(): Promise<void> {
    while (!this.#text.includes("\n")) await once(this.#child.stdout, "data");
  }

  go(): void {
    this.#child.stdin.write("\n");
  }

  /** Unix milliseconds at which each turn was sent, when all is acknowledged. */
  async times(): Promise<number[]> {
    if (this.#child.exitCode === null) await once(this.#child, "close");
    return JSON.parse(this.#text.split("\n")[1] as string);
  }
}

/** PUBLISH at QoS 1 (MQTT 3.1.1 §3.3) after its length. */
function packetOf({ topic, bytes }: Message, index: number): Buffer {
  const rest = 2 + topic.length + 2 + bytes.length;
  const head = Buffer.from([0x32, 0x80 | (rest % 128), rest >> 7, topic.length >> 8, topic.length & 255]);
  const id = 1 + (index % 65_535);
  const all = Buffer.concat([head, Buffer.from(topic), Buffer.from([id >> 8, id & 255]), bytes]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(all.length);
  return Buffer.concat([length, all]);
}
