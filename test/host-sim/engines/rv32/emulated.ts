import { join } from "node:path";
import { afterAll } from "@jest/globals";
import { type BoardSize, buildRv32 } from "../../../../host-sim/engines/rv32/build.js";
import { ChipHost, type ChipHostOptions } from "../../../../host-sim/engines/rv32/chip-host.js";
import type { Creation } from "../../../../host-sim/engines/xs/wire.js";
import { temporaryFolder } from "../../../support/cli.js";
import { CREATION, KEY, ROOT } from "../xs/xs-host.js";

/** All RAM of a board, and of it the C stack. */
export const SIZE: BoardSize = { ramBytes: 64 * 1024, stackBytes: 8 * 1024 };
export const BOARD = 1;

/** The image of a board that has the script in its flash. */
export function emulatedImage(bundle: string, size = SIZE): Promise<string> {
  return buildRv32({ root: ROOT, bundle, size, progress: () => {} });
}

/** What a board was heard to say, in order. */
export interface Heard {
  readonly said: { readonly kind: number; readonly id: number; readonly bytes: Buffer }[];
  /** "reason: detail" of each end. */
  readonly ends: string[];
}

export interface NewBoard extends Partial<Creation> {
  readonly key?: Uint8Array;
  readonly seed?: Uint8Array;
  readonly config?: Uint8Array;
}

/** A machine whose board's words are kept. It is switched off after the tests of the file. */
export class Emulated {
  readonly host: ChipHost;
  /** What ended qemu, where it ended by itself. */
  failure: Error | undefined;

  constructor(image: string, options: Partial<ChipHostOptions> = {}) {
    const folder = join(temporaryFolder(), "board");
    this.host = new ChipHost({
      image,
      folder,
      failed: (error) => {
        this.failure = error;
      },
      ...options,
    });
    open.add(this.host);
  }

  create({ key = KEY, seed, config = new Uint8Array(0), ...limits }: NewBoard = {}): Heard {
    const heard: Heard = { said: [], ends: [] };
    const listener = {
      sent: (kind: number, id: number, bytes: Buffer) =>
        heard.said.push({ kind, id, bytes: Buffer.from(bytes) }),
      ended: (reason: string, detail: string) => heard.ends.push(`${reason}: ${detail}`),
    };
    this.host.create(BOARD, { ...CREATION, ...limits }, key, config, listener, seed);
    return heard;
  }
}

const open = new Set<ChipHost>();

afterAll(() => {
  for (const host of open) host.cutPower();
});
