import { CborReader } from "../cbor/reader.js";
import { utf8Length } from "../cbor/utf8.js";
import { CborWriter } from "../cbor/writer.js";
import { kidOfKey } from "../frame/kid.js";
import type { SignatureChecker, Signer } from "../ports/signer.js";
import { MAX_INBOX_BYTES } from "../settings/broker.js";
import { readSign1, writeSign1 } from "./sign1.js";

/** What an owner orders a board to do, signed by the owner's key: docs/provisioning.md. */
export const COMMAND_TYPE = "application/vnd.fieldmark.command+cbor";
/** A board reads no longer one. */
export const MAX_COMMAND_BYTES = MAX_INBOX_BYTES;

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

/** Reads one and checks that `owner` has signed it. Throws CborError or RangeError for what is none. `verb` may be any text. */
export function readCommand(document: Uint8Array, owner: Uint8Array, checker: SignatureChecker): Command {
  return readCommandPayload(readSign1(COMMAND_TYPE, document, owner, checker).payload);
}

/** Throws CborError. */
export function readCommandPayload(payload: Uint8Array): Command {
  const reader = new CborReader(payload);
  if (reader.array() !== 5) reader.fail("unexpected", "a command has five parts");
  const network = reader.text();
  const kid = reader.bytes();
  const counter = reader.uint();
  const verb = reader.text() as CommandVerb;
  const body = reader.text();
  reader.finish();
  return { network, kid, counter, verb, body };
}
