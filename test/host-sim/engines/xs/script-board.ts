import type { Flash } from "../../../../agent/ports/flash.js";
import type { BoardListener } from "../../../../host-sim/engines/xs/process.js";
import type { XsSync } from "../../../../host-sim/engines/xs/sync.js";
import type { FlashChange, Reply } from "../../../../host-sim/engines/xs/wire.js";
import { Answer, Ask, type FlashScript } from "./flash-script.js";
import { CREATION, KEY } from "./xs-host.js";

type Answerer = (kind: number, id: number, bytes: Buffer) => Reply;

/** A board that runs flash-script.ts: its flash, as Node uses it. What its script throws is thrown here. */
export class ScriptBoard implements Flash, BoardListener {
  readonly size: number;
  readonly sectorBytes: number;
  readonly programBytes: number;
  readonly #sync: XsSync;
  readonly #number: number;
  readonly #script: FlashScript;
  readonly #answers: (readonly [kind: number, bytes: Uint8Array])[] = [];
  readonly #reply: Answerer;
  /** "reason: detail" of its end. */
  readonly ends: string[] = [];
  /** Changes of a mirrored flash. */
  readonly changes: { readonly change: FlashChange; readonly address: number; readonly bytes: number[] }[] =
    [];

  constructor(sync: XsSync, number: number, script: FlashScript, reply: Answerer = () => "cut") {
    ({ size: this.size, sectorBytes: this.sectorBytes, programBytes: this.programBytes } = script.flash);
    this.#sync = sync;
    this.#number = number;
    this.#reply = reply;
    this.#script = script;
    this.boot();
  }

  /** The next board of this number: after the one that there is, if it runs. */
  boot(): this {
    this.#sync.end(this.#number);
    this.#sync.create(this.#number, CREATION, KEY, Buffer.from(JSON.stringify(this.#script)), this);
    return this;
  }

  sent(kind: number, _id: number, bytes: Buffer): void {
    if (kind === Answer.done || kind === Answer.threw) this.#answers.push([kind, Uint8Array.from(bytes)]);
  }

  flashed(change: FlashChange, address: number, bytes: Buffer): void {
    this.changes.push({ change, address, bytes: [...bytes] });
  }

  call(kind: number, id: number, bytes: Buffer): Reply {
    return this.#reply(kind, id, bytes);
  }

  ended(reason: string, detail: string): void {
    this.ends.push(`${reason}: ${detail}`);
  }

  read(address: number, into: Uint8Array): void {
    into.set(this.ask(Ask.read, doubles(address, into.length)));
  }

  program(address: number, data: Uint8Array): void {
    this.ask(Ask.program, Buffer.concat([doubles(address), data]));
  }

  erase(address: number): void {
    this.ask(Ask.erase, doubles(address));
  }

  /** Throws what the script threw, or an Error where the board ended instead of answering. */
  ask(kind: number, bytes?: Uint8Array): Uint8Array {
    this.#sync.deliver(this.#number, 0, kind, 0, bytes);
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error(`no answer: ${this.ends.join()}`);
    if (answer[0] === Answer.done) return answer[1];
    const [, name, message] = /^(\w+): (.*)$/.exec(Buffer.from(answer[1]).toString()) as string[];
    throw name === "RangeError" ? new RangeError(message) : new Error(message);
  }
}

function doubles(...values: number[]): Buffer {
  return Buffer.from(new Float64Array(values).buffer);
}
