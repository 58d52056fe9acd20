import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe } from "@jest/globals";
import { withLock } from "../../node/lock.js";
import { temporaryFolder } from "../support/cli.js";
import { notRun } from "../support/not-run.js";

export const ROOT = join(__dirname, "../..");
/** For `beforeAll`: the SDK compiles an engine. */
export const BUILD_TIMEOUT = 900_000;

/** Tests that need the Moddable SDK. Where there is none, one test says so, and the end of the run. */
export function describeWithSdk(name: string, body: () => void): void {
  if (process.env.MODDABLE) describe(name, body);
  else notRun(name, "MODDABLE is not set (no Moddable SDK, docs/firmware.md)");
}

/** What this file's devices run, by board: copies, since another file's build takes the place of what it finds. */
const built = new Map<string, string>();

/** `npm run firmware -- --board <board> --build-only --release`, one build at a time. */
export async function buildFirmware(board: string): Promise<void> {
  mkdirSync(join(ROOT, "build"), { recursive: true });
  // Test files run in several processes, and all build in the same folder.
  await withLock(join(ROOT, "build/firmware"), async () => {
    const { code, output } = await firmwareCommand(["--board", board, "--build-only", "--release"]);
    if (code !== 0) throw new Error(`the build ended with ${code}:\n${output}`);
    const copy = temporaryFolder();
    cpSync(join(ROOT, "dist/firmware", board), copy, { recursive: true });
    built.set(board, copy);
  });
}

export function firmwareCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(ROOT, "scripts/firmware.js"), ...args], { env, stdio: "pipe" });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  return new Promise((resolve) =>
    child.once("close", (code) => {
      running.delete(child);
      resolve({ code, output });
    }),
  );
}

/** What firmware/native/keeper.h says of the key's file. */
export function writeKey(home: string, privateKey: Uint8Array): void {
  const record = Buffer.concat([Buffer.from("FMK1"), privateKey]);
  const check = createHash("sha256").update(record).digest().subarray(0, 4);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "fieldmark.key"), Buffer.concat([record, check]), { mode: 0o600 });
}

export type ConsoleEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A firmware that runs on this machine, until it is killed. */
export class Device {
  readonly events: ConsoleEvent[] = [];
  readonly lines: string[] = [];
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  #isOver = false;
  #rest = "";

  constructor(board: string, home: string) {
    const folder = built.get(board) ?? join(ROOT, "dist/firmware", board);
    const env = { ...process.env, HOME: home };
    const child = spawn(join(folder, "loader"), [join(folder, "mc.so")], { env, stdio: "pipe" });
    this.#child = child;
    running.add(child);
    child.stdout.on("data", (chunk: Buffer) => this.#hear(chunk));
    child.stderr.on("data", (chunk: Buffer) => this.lines.push(String(chunk)));
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => this.lines.push(error.message));
      child.once("close", (code) => {
        running.delete(child);
        this.#isOver = true;
        this.#look();
        resolve(code);
      });
    });
  }

  kill(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    return this.ended;
  }

  count(type: string): number {
    return this.events.filter((event) => event.type === type).length;
  }

  /** Resolves once `holds`; rejects where the firmware ends before. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (holds()) resolve();
        else if (this.#isOver) reject(new Error(`the firmware ended:\n${this.lines.join("\n")}`));
        else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Waits for the first event of this type, from number `from` of the events on. */
  async event(type: string, from = 0): Promise<ConsoleEvent> {
    const found = () => this.events.slice(from).find((event) => event.type === type);
    await this.until(() => found() !== undefined);
    return found() as ConsoleEvent;
  }

  #hear(chunk: Buffer): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      this.lines.push(line);
      if (line.startsWith("{")) this.events.push(JSON.parse(line) as ConsoleEvent);
    }
    this.#look();
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }
}

const running = new Set<ChildProcess>();

afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
});
