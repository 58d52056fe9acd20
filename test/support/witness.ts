import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { open } from "lmdb";
import { parseFrame } from "../../agent/frame/parse.js";
import { createKeptCheckpoints } from "../../network/log/kept-checkpoints.js";
import { createLog } from "../../network/log/log.js";
import { createVerifierKey, ED25519 } from "../../network/log/note-key.js";
import { Watch } from "../../network/log/watch.js";
import { type Entry, readEntry } from "../../network/witness/entries.js";
import { placeKey } from "../../node/network/lmdb/keys.js";
import { readRecord } from "../../node/network/lmdb/record.js";
import { openLogFiles } from "../../node/network/log-files.js";
import { readNoteKeyFile } from "../../node/note-key-file.js";
import { noteChecker } from "../../node/ports/note-keys.js";
import { hasher } from "../../node/ports/signer.js";
import { initWitness } from "../../node/witness/init.js";
import { type Running, start } from "./cli.js";
import { TEST_NETWORK } from "./frames.js";
import { memoryLogFiles } from "./logs.js";

const NAME = "w1.example.org/demo";
/** Epochs that closed before the first inventory: it comes at once, not after its grace. */
const BEHIND = 60;
const POLL = 100;

export interface WitnessOptions {
  /** Ports of brokers. */
  readonly brokers: readonly number[];
  readonly registry: string;
  /** Another folder for what it keeps. */
  readonly data?: string;
}

/** A real witness with epochs of a second, that is killed and started again. */
export class TestWitness {
  readonly data: string;
  readonly registry: string;
  readonly config: string;
  readonly #folder: string;
  #running: Running | undefined;
  #url: string | undefined;

  constructor(folder: string, { brokers, registry, data = join(folder, "data") }: WitnessOptions) {
    this.#folder = folder;
    this.data = data;
    this.registry = join(folder, "registry.json");
    writeFileSync(this.registry, registry);
    this.config = initWitness({
      folder,
      network: TEST_NETWORK,
      name: NAME,
      brokers: [{ url: "mqtt://x" }],
      registry,
    });
    const lines = [
      `network = "${TEST_NETWORK}"`,
      `name = "${NAME}"`,
      `registry = "registry.json"`,
      `data = "${data}"`,
      'epoch = "1s"',
      "window = 20",
      ...brokers.map((port) => `[[brokers]]\nurl = "mqtt://127.0.0.1:${port}"`),
      "[http]\nport = 0",
      '[retention]\nreserve = "2MB"',
    ];
    writeFileSync(this.config, lines.join("\n"));
    mkdirSync(data, { recursive: true });
    const inventory = Math.floor(Date.now() / 1000) - BEHIND;
    writeFileSync(join(data, "guard.json"), JSON.stringify({ inventory }));
  }

  /** Of its HTTP, while it runs and has said it. */
  get url(): string | undefined {
    return this.#url;
  }

  /** Resolves at once; `up` when it can be asked. */
  start(): Running {
    const running = start(["witness", "--config", this.config]);
    this.#running = running;
    return running;
  }

  async up(): Promise<void> {
    let all = "";
    await (this.#running as Running).said((text) => {
      all = text;
      return /its HTTP is at \S+\s/.test(text);
    });
    this.#url = /its HTTP is at (\S+)/.exec(all)?.[1];
  }

  async end(signal: NodeJS.Signals) {
    this.#url = undefined;
    this.#running?.process.kill(signal);
    return (this.#running as Running).finished;
  }

  async get(path: string): Promise<Response> {
    return fetch(new URL(path, this.#url));
  }

  async state(): Promise<{
    state: string;
    reason?: string;
    frames: number;
    waiting: number;
    entries: number;
  }> {
    return (await (await this.get("/v1/state")).json()) as Awaited<ReturnType<TestWitness["state"]>>;
  }

  async until(isSo: (state: Awaited<ReturnType<TestWitness["state"]>>) => boolean): Promise<void> {
    while (!isSo(await this.state())) await new Promise((resolve) => setTimeout(resolve, POLL));
  }

  /** A device's frames as HTTP shows them. */
  async frames(kid: string): Promise<{ verdict: string | null; bytes: string; sequence: number }[]> {
    const text = await (await this.get(`/v1/devices/${kid}/frames?format=ndjson`)).text();
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }

  /** Of frames in base64 those that the store does not have. To be asked while no witness runs. */
  async missing(frames: Iterable<string>): Promise<string[]> {
    const root = open({ path: join(this.data, "frames.mdb"), readOnly: true, ...BYTES });
    const table = root.openDB<Buffer, Buffer>({ name: "frames", ...BYTES });
    const missing = [...frames].filter((frame) => {
      const bytes = Buffer.from(frame, "base64");
      const parsed = parseFrame(bytes);
      if ("failure" in parsed) return true;
      const record = table.get(placeKey(parsed.frame.kid, parsed.frame));
      return record === undefined || !bytes.equals(readRecord(record).bytes);
    });
    await root.close();
    return missing;
  }

  /** To be asked while no witness runs. */
  entries(): (Entry | undefined)[] {
    const files = openLogFiles(join(this.data, "log"));
    const key = readNoteKeyFile(join(this.#folder, "log-key.json"));
    const log = createLog({ files, checker: noteChecker, origin: NAME, key });
    const entries = Array.from({ length: log.size }, (_, index) => readEntry(log.entry(index)));
    files.close();
    return entries;
  }

  /** Looks at its log again and again, as a peer does. */
  follow(): LogFollower {
    const key = readNoteKeyFile(join(this.#folder, "log-key.json"));
    return new LogFollower(this, key.publicKey);
  }
}

const BYTES = { keyEncoding: "binary", encoding: "binary" } as const;

export class LogFollower {
  /** Whatever an honest log never shows. */
  readonly faults: string[] = [];
  /** Checkpoints, each larger than the one before. */
  grown = 0;
  readonly #witness: TestWitness;
  readonly #watch: Watch;
  #isOn = true;
  readonly #running: Promise<void>;

  constructor(witness: TestWitness, publicKey: Uint8Array) {
    this.#witness = witness;
    this.#watch = new Watch({
      checker: noteChecker,
      key: createVerifierKey(noteChecker, NAME, ED25519, publicKey),
      kept: createKeptCheckpoints(memoryLogFiles(), hasher),
      fetch: async (path) => {
        const response = await witness.get(`/log/${path}`);
        return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
      },
    });
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#isOn = false;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (; this.#isOn; await new Promise((resolve) => setTimeout(resolve, POLL))) {
      const { url } = this.#witness;
      if (url === undefined) continue;
      try {
        const response = await this.#witness.get("/log/checkpoint");
        const sighting = await this.#watch.see(new Uint8Array(await response.arrayBuffer()));
        if (sighting.kind === "larger" || sighting.kind === "first") this.grown++;
        // Killed while it was asked: what it could not show proves nothing.
        else if (sighting.kind !== "same" && this.#witness.url === url)
          this.faults.push(`${sighting.kind} ${"reason" in sighting ? sighting.reason : ""}`);
      } catch (error) {
        if (this.#witness.url === url) this.faults.push(String(error));
      }
    }
  }
}
