import type { SensorSample } from "../../../agent/ports/sensor.js";
import { valueAt } from "../../../agent/sampler.js";
import { boardConfig } from "../../engines/xs/board-config.js";
import type { XsSync } from "../../engines/xs/sync.js";
import type { Creation } from "../../engines/xs/wire.js";
import { type OwnMessages, XsBoard } from "../../engines/xs/xs-board.js";
import { agentConfig } from "../agent-under-test.js";
import type { Boot, RunningAgent } from "../engine.js";
import { FromVirtual, VirtualCall } from "./messages.js";

const DOUBLE = 8;
const DIGEST = 32;
const NOTHING = new Uint8Array(0);

/** One life of a board on XS: everything that it asks its ports for is asked of those of the world, at that moment. */
export class VirtualXsBoard implements RunningAgent, OwnMessages {
  readonly #boot: Boot;
  readonly #board: XsBoard;
  #number: number | undefined;
  #end: string | undefined;

  /** Throws Error where the program ends before it has its boot number. */
  constructor(host: XsSync, creation: Creation, boot: Boot) {
    this.#boot = boot;
    const { board, privateKey, ports, uplink, ended } = boot;
    const init = {
      ...ports,
      privateKey,
      isFlashKept: false,
      ended: (reason: string) => {
        this.#end = reason;
        ended(reason);
      },
    };
    const config = boardConfig(init, agentConfig(ports, uplink), true, ports.about);
    this.#board = new XsBoard(host, board, creation, init, config, { isRemote: true, own: this });
    if (this.#number === undefined) throw new Error(this.#end ?? "the board did not say its boot number");
  }

  get boot(): number {
    return this.#number as number;
  }

  start(): void {
    this.#board.start();
  }

  finish(): void {
    this.#board.finish();
  }

  /** There are no witnesses of boards on XS. */
  receive(): boolean {
    return false;
  }

  powerOff(): void {
    this.#board.stop();
  }

  sent(kind: number, id: number): void {
    if (kind === FromVirtual.booted) this.#number = id;
  }

  call(kind: number, id: number, bytes: Buffer): Uint8Array {
    const { ports, signer } = this.#boot;
    switch (kind) {
      case VirtualCall.sample:
        return this.#sample(id);
      case VirtualCall.wall: {
        const { state, unix } = ports.clock.wall();
        return doubles(state, unix);
      }
      case VirtualCall.random: {
        const into = new Uint8Array(id);
        ports.random.fill(into);
        return into;
      }
      case VirtualCall.sign:
        signer.announce(Uint8Array.from(bytes.subarray(DIGEST)), Uint8Array.from(bytes.subarray(0, DIGEST)));
        break;
    }
    return NOTHING;
  }

  #sample(index: number): Uint8Array {
    const config = this.#boot.ports.sensors[index];
    const sample: SensorSample | undefined = config?.sensor.sample();
    if (config === undefined || sample === undefined) return NOTHING;
    return doubles(...config.channels.map(({ property }) => Number(valueAt(sample, property) ?? Number.NaN)));
  }
}

function doubles(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(DOUBLE * values.length);
  for (const [index, value] of values.entries()) bytes.writeDoubleLE(value, DOUBLE * index);
  return bytes;
}
