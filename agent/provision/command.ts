import { CborReader } from "../cbor/reader.js";
import { utf8Length } from "../cbor/utf8.js";
import { CborWriter } from "../cbor/writer.js";
import { hex, kidOfKey } from "../frame/kid.js";
import { KID_BYTES } from "../frame/layout.js";
import type { KeyValue } from "../ports/key-value.js";
import type { SignatureChecker, Signer } from "../ports/signer.js";
import { resetConfirmation } from "./exchange.js";
import type { ProvisioningHost } from "./host.js";
import { ownerOf } from "./owner.js";
import { readSign1, writeSign1 } from "./sign1.js";

/** What an owner orders a board to do, signed by the owner's key: docs/provisioning.md. */
export const COMMAND_TYPE = "application/vnd.fieldmark.command+cbor";
/** A board reads no longer one: its inbox has no more room (agent/settings/broker.ts). */
export const MAX_COMMAND_BYTES = 1024;

/** `settings`: `body` is a JSON object with some settings; `restart`: empty; `reset`: the words that exchange.ts asks for. */
export type CommandVerb = "settings" | "restart" | "reset";

export interface Command {
  /** Network and kid of the board that it is for. */
  readonly network: string;
  readonly kid: Uint8Array;
  /** More than in any command to this board before. */
  readonly counter: number;
  readonly verb: CommandVerb;
  readonly body: string;
}

/** Key of the counter of the last command that was accepted: an integer in CBOR. A factory reset does not forget it. */
const KEY = "command";
const INT = 9;

/** The owner's side: `[network, kid, counter, verb, body]`, signed. Throws RangeError where it would be too long. */
export function writeCommand({ network, kid, counter, verb, body }: Command, owner: Signer): Uint8Array {
  const room = 5 * INT + network.length + kid.length + verb.length + utf8Length(body) + 1;
  const writer = new CborWriter(new Uint8Array(room));
  writer.array(5);
  writer.text(network);
  writer.bytes(kid);
  writer.int(counter);
  writer.text(verb);
  writer.text(body);
  const payload = writer.buffer.subarray(0, writer.offset);
  const command = writeSign1(COMMAND_TYPE, kidOfKey(owner.publicKey, owner), payload, owner);
  if (command.length > MAX_COMMAND_BYTES)
    throw new RangeError(`command: ${command.length} bytes, of which a board reads ${MAX_COMMAND_BYTES}`);
  return command;
}

export interface CommandsInit {
  readonly checker: SignatureChecker;
  readonly store: KeyValue;
  readonly host: Pick<ProvisioningHost, "identity" | "configure" | "reset" | "restart">;
}

/** `counter`: undefined where nothing of it is proven. `reason` repeats no value. */
export type CommandOutcome =
  | { readonly type: "done"; readonly counter: number; readonly verb: string }
  | { readonly type: "refused"; readonly counter?: number; readonly reason: string };

export interface Commands {
  /** One message of the command topic, from whomever. Never throws. */
  received(payload: Uint8Array): CommandOutcome;
}

/** Obeys the owner whose key was stored at provisioning, and nobody else. */
export function createCommands(init: CommandsInit): Commands {
  return new OwnerCommands(init);
}

class OwnerCommands implements Commands {
  readonly #init: CommandsInit;

  constructor(init: CommandsInit) {
    this.#init = init;
  }

  received(payload: Uint8Array): CommandOutcome {
    let counter: number | undefined;
    try {
      const command = this.read(payload);
      counter = command.counter;
      this.take(counter);
      this.run(command);
      return { type: "done", counter, verb: command.verb };
    } catch (error) {
      const reason = error instanceof RangeError ? error.message : `failed (${(error as Error).name})`;
      return counter === undefined ? { type: "refused", reason } : { type: "refused", counter, reason };
    }
  }

  /** Throws for what is not the owner's, or not for this board. */
  private read(document: Uint8Array): Command {
    const { checker, store, host } = this.#init;
    const owner = ownerOf(store);
    if (owner === undefined) throw new RangeError("the board has no owner");
    if (document.length > MAX_COMMAND_BYTES) throw new RangeError("too long");
    const { payload } = readSign1(COMMAND_TYPE, document, owner, checker);
    const reader = new CborReader(payload);
    if (reader.array() !== 5) reader.fail("unexpected", "a command has five parts");
    const network = reader.text();
    const kid = reader.bytes();
    const counter = reader.uint();
    const verb = reader.text() as CommandVerb;
    const body = reader.text();
    reader.finish();
    if (network !== host.identity.network) throw new RangeError("it is for another network");
    if (kid.length !== KID_BYTES || hex(kid) !== host.identity.device)
      throw new RangeError("it is for another board");
    return { network, kid, counter, verb, body };
  }

  /** Durable before anything is done: whatever the power does, no command is obeyed twice. */
  private take(counter: number): void {
    const { store } = this.#init;
    const kept = store.get(KEY);
    if (kept !== undefined) {
      const reader = new CborReader(kept);
      if (counter <= reader.uint()) throw new RangeError("its counter is not above the last one's");
    }
    const writer = new CborWriter(new Uint8Array(INT));
    writer.int(counter);
    store.set(KEY, writer.buffer.slice(0, writer.offset));
  }

  private run({ verb, body }: Command): void {
    const { host } = this.#init;
    switch (verb) {
      case "settings":
        host.configure(body, "order");
        break;
      case "reset":
        if (body !== resetConfirmation(host.identity.device)) throw new RangeError("reset: not confirmed");
        host.reset();
        break;
      case "restart":
        break;
      default:
        throw new RangeError("there is no such command");
    }
    host.restart();
  }
}
