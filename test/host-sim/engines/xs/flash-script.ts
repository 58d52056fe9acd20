/**
 * A script for boards on XS whose flash and store Node uses: each message is one call of a port, and each answer says what
 * became of it.
 */
import { type FlashConfig, HostFlash, RemoteFlash } from "../../../../host-sim/engines/xs/board/flash.js";
import { host } from "../../../../host-sim/engines/xs/board/host.js";
import { HostStore } from "../../../../host-sim/engines/xs/board/store.js";
import { ascii, text } from "../../../../host-sim/engines/xs/board/text.js";

/** Kinds of messages to the board. In all but the last three the bytes start with an address, a double. */
export const Ask = { read: 1, program: 2, erase: 3, set: 4, get: 5, boot: 6 } as const;
/** Kinds of its answers: bytes, or an exception as "name: message". */
export const Answer = { done: 1, threw: 2 } as const;

export interface FlashScript {
  readonly flash: FlashConfig;
  readonly isRemote: boolean;
  /** It reads as many bytes at address 0 at its boot, before it can be asked for anything. */
  readonly readAtBoot?: number;
}

/** The one key of the store. */
export const STORE_KEY = "boot";

class Script {
  readonly #flash: HostFlash | RemoteFlash;
  readonly #store: HostStore;
  readonly #boot: Uint8Array;

  constructor({ flash, isRemote, readAtBoot = 0 }: FlashScript) {
    this.#flash = isRemote ? new RemoteFlash(flash) : new HostFlash(flash);
    this.#store = new HostStore({}, isRemote);
    this.#boot = new Uint8Array(readAtBoot);
    this.#flash.read(0, this.#boot);
  }

  answer(kind: number, bytes: Uint8Array | undefined): Uint8Array | undefined {
    if (kind === Ask.boot) return this.#boot;
    if (kind === Ask.get) return this.#store.get(STORE_KEY);
    if (bytes === undefined) throw new Error("no bytes");
    if (kind === Ask.set) {
      this.#store.set(STORE_KEY, bytes);
      return undefined;
    }
    const address = host.double(bytes, 0);
    if (kind === Ask.read) {
      const into = new Uint8Array(host.double(bytes, 8));
      this.#flash.read(address, into);
      return into;
    }
    if (kind === Ask.program) this.#flash.program(address, bytes.subarray(8));
    else this.#flash.erase(address);
    return undefined;
  }
}

let script: Script;
Object.assign(globalThis, {
  boot(config: Uint8Array): void {
    script = new Script(JSON.parse(text(config)) as FlashScript);
  },
  receive(kind: number, id: number, bytes: Uint8Array | undefined): void {
    try {
      host.send(Answer.done, id, script.answer(kind, bytes) as Uint8Array);
    } catch (error) {
      const { name, message } = error as Error;
      host.send(Answer.threw, id, ascii(`${name}: ${message}`));
    }
  },
});
