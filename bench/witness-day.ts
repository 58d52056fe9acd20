import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import { hex, kidOfKey } from "../agent/cose/kid.js";
import { keyOfDid } from "../agent/frame/identity.js";
import { createRegistry, type RegistryFile } from "../network/verify/registry.js";
import { checkerName, hasher, keyReader } from "../node/ports/signer.js";
import { BENCH_START, BenchBoard } from "./board.js";
import { median } from "./harness.js";
import { BenchWitness, type Message, messageOf } from "./taken-in.js";

// What `node scripts/witness-day.js` runs.

const NETWORK = "demo";
const DAY = 86_400;
const QUERIES = 200;
/** Bytes of a message's length in the file. */
const LENGTH = 2;
/** Progress is told so many times. */
const WORDS = 10;
const USAGE = `node scripts/witness-day.js [--boards 10000] [--frames 60] [--folder build/witness-day]
Signs a day of frames with real keys into a file, once, and replays it into a witness's store. The
whole day of 10,000 boards with a frame a minute is --frames 1440: 14.4 million.
`;

const { values } = parseArgs({
  options: {
    boards: { type: "string", default: "10000" },
    frames: { type: "string", default: "60" },
    folder: { type: "string", default: "build/witness-day" },
    help: { type: "boolean" },
  },
});
const [boards, frames] = [Number(values.boards), Number(values.frames)] as const;
const total = boards * frames;
const name = join(values.folder, `${boards}x${frames}`);
/** Messages, each after its length in 2 bytes, and the registry of those that signed them. */
const [messages, list] = [`${name}.frames`, `${name}.json`];
const say = (line: string) => console.log(line);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const secondsSince = (start: number) => (performance.now() - start) / 1000;

/** Boards take turns, as they do in a day: each has one frame, then each the next. */
async function sign(): Promise<void> {
  mkdirSync(values.folder, { recursive: true });
  const began = performance.now();
  const all = Array.from({ length: boards }, () => new BenchBoard(NETWORK, DAY / frames));
  const file = createWriteStream(`${messages}.part`);
  for (let n = 0; n < frames; n++)
    for (const board of all) {
      const frame = board.next();
      const message = Buffer.concat([Buffer.alloc(LENGTH), frame]);
      message.writeUInt16BE(frame.length);
      if (!file.write(message)) await new Promise<void>((done) => file.once("drain", () => done()));
    }
  file.end();
  await finished(file);
  const devices = all.flatMap(({ registry }) => registry.devices);
  writeFileSync(list, JSON.stringify({ network: NETWORK, devices } satisfies RegistryFile));
  renameSync(`${messages}.part`, messages);
  say(`${total} frames signed in ${secondsSince(began).toFixed(0)} s: ${megabytes(statSync(messages).size)}`);
}

async function* read(kids: readonly string[]): AsyncGenerator<Message> {
  let rest: Buffer = Buffer.alloc(0);
  let count = 0;
  for await (const chunk of createReadStream(messages, { highWaterMark: 1 << 20 })) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    let at = 0;
    for (;;) {
      if (rest.length < at + LENGTH) break;
      const end = at + LENGTH + rest.readUInt16BE(at);
      if (rest.length < end) break;
      const device = kids[count++ % kids.length] as string;
      yield messageOf(NETWORK, device, rest.subarray(at + LENGTH, end));
      at = end;
      if (count % Math.ceil(total / WORDS) === 0) tell(count);
    }
    rest = rest.subarray(at);
  }
}

/** Of this process alone, where the system tells: pages of the store's file are the system's cache. */
function memory(): string {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  const kilobytes = /^RssAnon:\s+(\d+)/m.exec(status)?.[1];
  const rss = megabytes(process.memoryUsage.rss());
  return kilobytes === undefined
    ? rss
    : `${megabytes(1024 * Number(kilobytes))} (with the file's pages ${rss})`;
}

const began = { at: 0, cpu: process.cpuUsage() };
function tell(count: number): void {
  const { user, system } = process.cpuUsage(began.cpu);
  const [wall, cpu] = [secondsSince(began.at), (user + system) / 1e6];
  const rates = `${Math.round(count / wall)} a second, ${Math.round(count / cpu)} a second of the processor`;
  say(`${count} frames: ${rates}, memory ${memory()}`);
}

async function replay(): Promise<void> {
  const registryFile = JSON.parse(readFileSync(list, "utf8")) as RegistryFile;
  const registry = createRegistry(registryFile, keyReader, list);
  const kids = registryFile.devices.map(({ did }) => hex(kidOfKey(keyOfDid(did), hasher)));
  const folder = mkdtempSync(`${name}-`);
  try {
    const witness = new BenchWitness(folder, registry);
    say(`signatures are checked ${checkerName()}`);
    say(`memory before: ${memory()}`);
    began.at = performance.now();
    began.cpu = process.cpuUsage();
    await witness.takeIn(read(kids));
    tell(witness.judged);
    const { store } = witness;
    const { size } = statSync(join(folder, "frames.mdb"));
    say(`on disk ${megabytes(size)}: ${(size / total).toFixed(0)} bytes a frame, whose own are`);
    say(`  ${(statSync(messages).size / total - LENGTH).toFixed(0)}; ${megabytes(store.bytes)} in use`);
    const { count, seconds } = store.commits;
    say(`${count} commits, ${((1000 * seconds) / count).toFixed(1)} ms each`);
    const times = Array.from({ length: QUERIES }, (_, n) => {
      const kid = kids[(n * 7919) % kids.length] as string;
      const start = performance.now();
      const found = store.frames({ kid, from: BENCH_START, until: BENCH_START + DAY - 1, limit: total });
      const took = performance.now() - start;
      if (found.length !== frames) throw new Error(`a day of ${found.length} frames, not of ${frames}`);
      return took;
    });
    say(`a device's day: ${median(times).toFixed(2)} ms (median of ${QUERIES})`);
    await witness.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (values.help || ![boards, frames].every((count) => Number.isSafeInteger(count) && count > 0)) {
  console.log(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else {
  if (!existsSync(messages)) await sign();
  await replay();
}
