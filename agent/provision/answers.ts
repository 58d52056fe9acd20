import { CborError } from "../cbor/error.js";
import { BYTES } from "../cbor/major.js";
import { CborReader } from "../cbor/reader.js";
import { utf8Length } from "../cbor/utf8.js";
import { CborTagged, type CborValue, encodeCbor } from "../cbor/value.js";
import { CborWriter } from "../cbor/writer.js";
import { isSameBytes } from "../cose/kid.js";
import { InputError } from "../input-error.js";
import type { Clock } from "../ports/clock.js";
import type { KeyValue } from "../ports/key-value.js";
import type { Random } from "../ports/random.js";
import type { SignatureChecker, Signer } from "../ports/signer.js";
import { noRoom } from "../settings/limits.js";
import type { CommandVerb } from "./command.js";
import {
  CLOCK,
  DONE,
  FAILED,
  IDENTITY,
  JOURNAL,
  OWNER,
  READING,
  REFUSED,
  RESET,
  RESTART,
  resetConfirmation,
  SETTINGS,
} from "./exchange.js";
import type { ProvisioningHost } from "./host.js";
import { forgetOrders } from "./obedience.js";
import { OWNERS_ALONE, ownerKid, ownerOf, ownershipOf, setOwner } from "./owner.js";
import { readOrder } from "./read-order.js";
import { writeStatement } from "./statement.js";

/** A board restarts so many milliseconds after it was told to: the answer has left by then. */
const RESTART_AFTER = 300;
const LONGEST_TEXT = 300;
/** Brokers of which the answer about the journal says how they take the board: it has to fit into its parts. */
const MOST_LINKS = 16;
/** The longest head in CBOR. */
const HEAD = 9;

export interface AnswersInit {
  readonly host: ProvisioningHost;
  readonly signer: Signer & SignatureChecker;
  readonly store: KeyValue;
  readonly clock: Clock;
  readonly random: Random;
  /** Bytes of a request for which there is memory; all that fit into its parts where it is left out. */
  readonly room?: number;
}

/** Carries out Fieldmark's commands. Requests and answers: docs/provisioning.md. */
export class Answers {
  readonly #init: AnswersInit;
  /** What the owner signs for this wire, while it is open, names it: statement.ts. */
  readonly #session: Uint8Array;
  readonly #restart = () => this.#init.host.restart();

  constructor(init: AnswersInit, session: Uint8Array) {
    this.#init = init;
    this.#session = session;
  }

  /** `[code, value]` in CBOR. Never throws. */
  answer(command: number, body: Uint8Array): Uint8Array {
    try {
      return encode(DONE, this.run(command, new CborReader(body)));
    } catch (error) {
      const { name, message } = error as Error;
      if (error instanceof InputError) return encode(REFUSED, message.slice(0, LONGEST_TEXT));
      // Its message would say what was found there.
      if (error instanceof CborError) return encode(REFUSED, "the request is not as it should be");
      // What a port says may hold anything; sensors know no secrets.
      const said = command === READING ? `: ${message.slice(0, LONGEST_TEXT)}` : "";
      return encode(FAILED, `the board could not do it (${name})${said}`);
    }
  }

  /** For a request that was too long to be kept. */
  tooLong(command: number, bytes: number): Uint8Array {
    const what = command === SETTINGS ? "settings" : "request";
    return encode(REFUSED, noRoom(what, bytes, this.#init.room ?? bytes, " bytes").message);
  }

  private run(command: number, body: CborReader): CborValue {
    const { host, signer, store, random } = this.#init;
    switch (command) {
      case IDENTITY: {
        const challenge = body.bytes();
        body.finish();
        const standing = {
          owner: ownerKid(store, signer),
          ownership: ownershipOf(store),
          session: this.#session,
        };
        return new Map<string, CborValue>([
          ["did", host.identity.did],
          ["key", signer.publicKey],
          ["statement", writeStatement(host.identity, standing, challenge, signer)],
        ]);
      }
      case SETTINGS: {
        const signed = this.signed(body, "settings");
        const json = signed ?? body.text();
        body.finish();
        host.configure(json, signed === undefined ? "wire" : "owner");
        return new Map();
      }
      case CLOCK: {
        const signed = this.signed(body, "clock");
        const unix = signed === undefined ? body.uint() : Number(signed);
        body.finish();
        return new Map([["clock", host.setClock(unix)]]);
      }
      case READING:
        body.finish();
        return host.readNow();
      case JOURNAL:
        body.finish();
        return this.status();
      case OWNER: {
        const key = body.bytes();
        body.finish();
        if (setOwner(store, key, random)) forgetOrders(store);
        return new Map();
      }
      case RESTART:
        body.finish();
        this.restart();
        return new Map();
      case RESET: {
        const confirmation = body.text();
        body.finish();
        return this.reset(confirmation);
      }
      default:
        throw new InputError("there is no such command: the board's firmware is older than this tool");
    }
  }

  /**
   * What the owner has signed for this wire; undefined where the board has no owner, and takes it from whoever holds the wire. Throws
   * InputError.
   */
  private signed(body: CborReader, verb: CommandVerb): string | undefined {
    const { host, signer, store } = this.#init;
    const owner = ownerOf(store);
    const isSigned = body.peekMajor() === BYTES;
    if (owner === undefined && isSigned) throw new InputError("the board has no owner who could sign");
    if (owner === undefined) return undefined;
    if (!isSigned) throw new InputError(OWNERS_ALONE);
    const order = readOrder(body.bytes(), owner, host.identity, signer);
    if (!isSameBytes(order.ownership, this.#session))
      throw new InputError("it is signed for another session: ask the board for its identity again");
    if (order.verb !== verb) throw new InputError("another order is signed");
    return order.body;
  }

  private status(): CborValue {
    const { host } = this.#init;
    const { boot, uptime, queue, oldest, brokers, dropped, flash } = host.status();
    return new Map<string, CborValue>([
      ["boot", boot],
      ["uptime", uptime],
      ["queue", queue],
      ["oldest", oldest],
      ["brokers", [...brokers]],
      ["dropped", dropped],
      ["flash", flash],
      ["copies", host.copies],
      [
        "links",
        host
          .brokerReports()
          .slice(0, MOST_LINKS)
          .map(({ name, standing, reason }) => [name, standing, reason]),
      ],
    ]);
  }

  private reset(confirmation: string): CborValue {
    const { host } = this.#init;
    const expected = resetConfirmation(host.identity.device);
    if (confirmation !== expected)
      throw new InputError(
        `to forget settings, Wi-Fi, names, owner and ${host.status().queue} frames that no broker has, confirm with "${expected}"`,
      );
    const lost = host.reset();
    this.restart();
    return new Map([["lost", lost]]);
  }

  private restart(): void {
    this.#init.clock.setTimer(this.#restart, RESTART_AFTER);
  }
}

function encode(code: number, value: CborValue): Uint8Array {
  const writer = new CborWriter(new Uint8Array(2 + roomFor(value)));
  writer.array(2);
  writer.int(code);
  encodeCbor(value, writer);
  return writer.buffer.subarray(0, writer.offset);
}

/** No fewer bytes than the value takes. */
function roomFor(value: CborValue): number {
  if (typeof value === "number") return HEAD;
  if (typeof value === "string") return HEAD + utf8Length(value);
  if (value instanceof Uint8Array) return HEAD + value.length;
  let room = HEAD;
  if (value instanceof CborTagged) return room + roomFor(value.value);
  if (Array.isArray(value)) {
    for (const item of value) room += roomFor(item);
    return room;
  }
  for (const [key, item] of value) room += roomFor(key) + roomFor(item);
  return room;
}
