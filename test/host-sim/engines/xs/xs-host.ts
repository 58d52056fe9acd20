import { join } from "node:path";
import { afterAll } from "@jest/globals";
import { build } from "esbuild";
import { buildXsHost } from "../../../../host-sim/engines/xs/build.js";
import type { Flavour } from "../../../../host-sim/engines/xs/flags.js";
import { XsProcess } from "../../../../host-sim/engines/xs/process.js";
import { XsSync } from "../../../../host-sim/engines/xs/sync.js";
import type { Creation } from "../../../../host-sim/engines/xs/wire.js";
import { forXs } from "../../../../scripts/xs-bundle.js";
import { temporaryFolder } from "../../../support/cli.js";

export const ROOT = join(__dirname, "../../../..");
/** For `beforeAll`: the engine is compiled at first use. */
export const COMPILE_TIMEOUT = 600_000;
export const KEY = new Uint8Array(32).fill(1);

export const CREATION: Creation = {
  slots: 1024,
  chunkBytes: 16_384,
  stackSlots: 256,
  keys: 32,
  payloadBytes: 512,
  computrons: 20_000_000,
};

/** xs-host's path. XS_FLAVOUR=sanitize: with AddressSanitizer and UndefinedBehaviorSanitizer (sanitize.test.ts). */
export function xsHost(): Promise<string> {
  const flavour: Flavour = process.env.XS_FLAVOUR === "sanitize" ? "sanitize" : "release";
  return buildXsHost({ root: ROOT, flavour, progress: () => {} });
}

/** The agent as boards on XS run it: what scripts/build.js makes, in a temporary folder. */
export function bundleAgent(): Promise<string> {
  return bundleScript("host-sim/engines/xs/board.ts");
}

/** A script for boards on XS, of this file and what it imports, in a temporary folder. */
export async function bundleScript(file: string): Promise<string> {
  const outfile = join(temporaryFolder(), "script.js");
  await build({ ...forXs, entryPoints: [join(ROOT, file)], outfile });
  return outfile;
}

/** What one board was heard to say, in order. */
export interface Heard {
  readonly said: { readonly kind: number; readonly id: number; readonly bytes: Buffer }[];
  /** "change address length: messages heard before" of each change of its flash. */
  readonly flashed: string[];
  /** "reason: detail" of each end. */
  readonly ends: string[];
}

export interface NewBoard extends Partial<Creation> {
  readonly key?: Uint8Array;
  readonly seed?: Uint8Array;
  readonly config?: Uint8Array;
}

/** An xs-host whose boards' words are kept. */
export class Boards {
  readonly process: XsProcess;
  /** What ended it, where it ended by itself. */
  failure: Error | undefined;

  constructor(program: string, bundle: string) {
    this.process = new XsProcess(program, bundle, (error) => {
      this.failure = error;
    });
    open.add(this);
  }

  create(board: number, { key = KEY, seed, config = new Uint8Array(0), ...limits }: NewBoard = {}): Heard {
    const heard: Heard = { said: [], flashed: [], ends: [] };
    const listener = {
      sent: (kind: number, id: number, bytes: Buffer) =>
        heard.said.push({ kind, id, bytes: Buffer.from(bytes) }),
      flashed: (change: string, address: number, bytes: Buffer) =>
        heard.flashed.push(`${change} ${address} ${bytes.length}: ${heard.said.length}`),
      ended: (reason: string, detail: string) => heard.ends.push(`${reason}: ${detail}`),
    };
    this.process.create(board, { ...CREATION, ...limits }, key, config, listener, seed);
    return heard;
  }

  async close(): Promise<void> {
    open.delete(this);
    await this.process.close();
  }
}

/** An xs-host that is driven synchronously. */
export function startSync(program: string, bundle: string): XsSync {
  const sync = new XsSync(program, bundle);
  open.add(sync);
  return sync;
}

const open = new Set<{ close(): Promise<void> }>();

afterAll(async () => {
  const ends = await Promise.allSettled([...open].map((boards) => boards.close()));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
});
