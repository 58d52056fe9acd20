import { CborReader } from "../cbor/reader.js";
import { utf8Length } from "../cbor/utf8.js";
import { CborWriter } from "../cbor/writer.js";
import { kidOfKey } from "../cose/kid.js";
import { readSign1, writeSign1 } from "../cose/sign1.js";
import { InputError } from "../input-error.js";
import type { SignatureChecker, Signer } from "../ports/signer.js";
import { MAX_INBOX_BYTES } from "../settings/broker.js";

/** What an owner orders a board to do, signed by the owner's key: docs/provisioning.md. */
export const COMMAND_TYPE = "application/vnd.fieldmark.command+cbor";
/** A board reads no longer one. */
export const MAX_COMMAND_BYTES = MAX_INBOX_BYTES;

/**
 * `settings`: `body` is a JSON object with some settings; `restart`: empty; `reset`: the words that exchange.ts asks for; `clock`, over
 * the wire alone: Unix time in milliseconds, in digits.
 */
export type CommandVerb = "settings" | "restart" | "reset" | "clock";

export interface Command {
  /** Network and kid of the board that it is for. */
  readonly network: string;
  readonly kid: Uint8Array;
  /** The ownership that it is given under; over the wire, the session (server.ts). 8 bytes. */
  readonly ownership: Uint8Array;
  /** More than in any command of this ownership before, by MOST_AHEAD at most. Over the wire 0. */
  readonly counter: number;
  /** Unix time in seconds after which it counts no more. Over the wire 0. */
  readonly until: number;
  readonly verb: CommandVerb;
  readonly body: string;
}

/** How far a counter may be above the last one: nobody burns those that are left in one order. */
export const MOST_AHEAD = 1000;

const INT = 9;

/**
 * The owner's side: `[network, kid, ownership, counter, until, verb, body]`, signed. Throws InputError where it would be longer than
 * `most` bytes.
 */
export function writeCommand(
  { network, kid, ownership, counter, until, verb, body }: Command,
  owner: Signer,
  most = MAX_COMMAND_BYTES,
): Uint8Array {
  const texts = network.length + verb.length + utf8Length(body);
  const writer = new CborWriter(new Uint8Array(7 * INT + kid.length + ownership.length + texts + 1));
  writer.array(7);
  writer.text(network);
  writer.bytes(kid);
  writer.bytes(ownership);
  writer.int(counter);
  writer.int(until);
  writer.text(verb);
  writer.text(body);
  const payload = writer.buffer.subarray(0, writer.offset);
  const command = writeSign1(COMMAND_TYPE, kidOfKey(owner.publicKey, owner), payload, owner);
  if (command.length > most)
    throw new InputError(`command: ${command.length} bytes, of which a board reads ${most}`);
  return command;
}

/** Reads one and checks that `owner` has signed it. Throws CborError or InputError for what is none. `verb` may be any text. */
export function readCommand(document: Uint8Array, owner: Uint8Array, checker: SignatureChecker): Command {
  return readCommandPayload(readSign1(COMMAND_TYPE, document, owner, checker).payload);
}

/** Throws CborError. */
export function readCommandPayload(payload: Uint8Array): Command {
  const reader = new CborReader(payload);
  if (reader.array() !== 7) reader.fail("unexpected", "a command has seven parts");
  const network = reader.text();
  const kid = reader.bytes();
  const ownership = reader.bytes();
  const counter = reader.uint();
  const until = reader.uint();
  const verb = reader.text() as CommandVerb;
  const body = reader.text();
  reader.finish();
  return { network, kid, ownership, counter, until, verb, body };
}
