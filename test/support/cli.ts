import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "@jest/globals";

const PROGRAM = join(__dirname, "../../dist/fieldmark.js");

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real command line in a process of its own. */
export interface Running {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves when standard output and standard error together contain `text`; rejects if the process ends first. */
  said(expected: string | ((all: string) => boolean)): Promise<void>;
}

const running = new Set<ChildProcess>();
const folders: string[] = [];

afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes away after the tests of this file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-test-"));
  folders.push(folder);
  return folder;
}

export interface StartOptions {
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  /** Beside this process's own environment; undefined takes a variable away. */
  readonly env?: NodeJS.ProcessEnv;
  /** Another build of the command line than this checkout's. */
  readonly program?: string;
}

export function start(args: readonly string[], options: StartOptions = {}): Running {
  const env = { ...process.env, ...options.env };
  const child = spawn(process.execPath, [options.program ?? PROGRAM, ...args], {
    cwd: options.cwd,
    env,
    stdio: "pipe",
  });
  running.add(child);
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  const waiting = new Set<() => void>();
  let isOver = false;
  const text = (stream: "stdout" | "stderr") => Buffer.concat(output[stream]).toString();
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (chunk: Buffer) => {
      output[stream].push(chunk);
      for (const look of waiting) look();
    });
  child.stdin.on("error", () => {}); // it ended without reading all of it
  child.stdin.end(options.input ?? "");
  const finished = new Promise<Finished>((resolve) => {
    child.on("close", (code, signal) => {
      running.delete(child);
      isOver = true;
      for (const look of waiting) look();
      resolve({ code, signal, stdout: text("stdout"), stderr: text("stderr") });
    });
  });
  function said(expected: string | ((all: string) => boolean)): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const all = text("stdout") + text("stderr");
        if (typeof expected === "string" ? all.includes(expected) : expected(all)) resolve();
        else if (isOver) reject(new Error(`it ended and never said "${expected}", but:\n${all}`));
        else return;
        waiting.delete(look);
      };
      waiting.add(look);
      look();
    });
  }
  return { process: child, finished, said };
}

export function run(args: readonly string[], options: StartOptions = {}) {
  return start(args, options).finished;
}

/** The lines of standard output, each one JSON. */
export function jsonLines(stdout: string): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
