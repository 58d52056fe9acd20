import { createHash } from "node:crypto";
import { hex, unhex } from "../../agent/cose/kid.js";
import { signerOf } from "../../agent/cose/sign1.js";
import { COMMAND_TYPE, type Command, readCommand } from "../../agent/provision/command.js";
import { TOO_MANY } from "../../agent/provision/orders.js";
import type { Outcome } from "../../agent/provision/outcome.js";
import { readOutcome } from "../../agent/provision/read-outcome.js";
import { visible } from "../../text/visible.js";
import { type BrokerAddress, nameOf } from "../mqtt/broker-address.js";
import { signatureChecker } from "../ports/signer.js";
import { OrderSession } from "./order-session.js";

export interface OrderDeskInit {
  readonly brokers: readonly BrokerAddress[];
  readonly network: string;
  /** The board's kid in hex. */
  readonly device: string;
  /** The owner's key. */
  readonly owner?: { readonly kid: string; readonly publicKey: Uint8Array } | undefined;
  /** The board's, where it is known: 65 bytes, SEC 1. */
  readonly publicKey?: Uint8Array | undefined;
  /** Ends all at once. */
  readonly signal?: AbortSignal;
}

/** An order that a broker keeps for the board. */
export interface Waiting {
  readonly broker: string;
  /** Of the key that signed it; undefined where it is no order. */
  readonly kid?: string | undefined;
  /** What it says, where it is this owner's. */
  readonly command?: Command | undefined;
  readonly isAnswered: boolean;
}

/** Whose a board is. */
export interface OwnerStanding {
  /** Kid of the owner's key in hex; empty where it has none. */
  readonly owner: string;
  /** 8 bytes; none where it has no owner. */
  readonly ownership: Uint8Array;
  /** The highest counter of an order that it has taken under that ownership. */
  readonly last: number;
}

/** What is known before anything is sent. */
export interface Findings {
  /** Whether any broker keeps anything that the board has said. */
  readonly isHeardOf: boolean;
  /** What the board has signed last of that, in an answer to an earlier order: it may have another owner since. */
  readonly signed: OwnerStanding | undefined;
  /** What its status says, which nobody has signed; undefined where it says nothing of an owner. */
  readonly hint: Pick<OwnerStanding, "owner" | "ownership"> | undefined;
  readonly waiting: readonly Waiting[];
}

export interface Reply {
  /** Undefined where none came in time. */
  readonly outcome?: Outcome | undefined;
  /** Brokers that said that they have the order, and those that gave it back to whom reads the topic. */
  readonly taken: readonly string[];
  readonly seen: readonly string[];
  /** Whether a broker said last that the board is connected. */
  readonly isOnline?: boolean | undefined;
  /** Events under the board's name that its key has not signed. */
  readonly forged: number;
}

export interface Failure {
  readonly broker: string;
  readonly reason: string;
}

/** Milliseconds until an order is given again that a board was too busy to read. */
const AGAIN = 1000;

/** Where an owner gives orders to one board, by one broker or more. */
export class OrderDesk {
  /** Brokers that could not be used, or not to the end. */
  readonly failures: Failure[] = [];
  readonly #init: OrderDeskInit;
  readonly #sessions: OrderSession[] = [];
  readonly #statuses = new Map<string, boolean>();
  #received: (kind: "event" | "command", payload: Buffer, broker: string) => void = () => {};

  private constructor(init: OrderDeskInit) {
    this.#init = init;
  }

  /** Throws Error where none of the brokers can be used. */
  static async open(init: OrderDeskInit): Promise<OrderDesk> {
    const desk = new OrderDesk(init);
    await Promise.all(init.brokers.map((broker) => desk.add(broker)));
    if (desk.#sessions.length > 0) return desk;
    throw new Error(desk.said());
  }

  /** Topics that a broker does not let this user read: `broker: topics`. */
  get unreadable(): string[] {
    return this.#sessions.flatMap(({ name, unreadable }) =>
      unreadable.length === 0 ? [] : [`${name}: ${unreadable.join(", ")}`],
    );
  }

  /** Brokers that keep no messages for those who come later. */
  get forgetful(): string[] {
    return this.#sessions.flatMap(({ name, retains }) => (retains ? [] : [name]));
  }

  get findings(): Findings {
    let isHeardOf = false;
    let latest: Outcome | undefined;
    let hint: Findings["hint"];
    const waiting: Waiting[] = [];
    for (const { name, retained } of this.#sessions) {
      const { status, event, command } = retained;
      if (status !== undefined || event !== undefined) isHeardOf = true;
      const said = status && statusOf(status).hint;
      if (said !== undefined && (hint === undefined || said.owner === this.#init.owner?.kid)) hint = said;
      const outcome = event && this.outcomeOf(event);
      if (outcome !== undefined && isLater(outcome, latest)) latest = outcome;
      if (command !== undefined && command.length > 0) waiting.push(this.waiting(name, command, event));
    }
    return { isHeardOf, signed: latest && standingOf(latest), hint, waiting };
  }

  /** Gives the order to all brokers and waits for the board's answer. Throws Error where no broker takes it, or all end the connection. */
  async give(order: Uint8Array, wait: number): Promise<Reply> {
    const hash = createHash("sha256").update(order).digest();
    const taken: string[] = [];
    const seen = new Set<string>();
    let forged = 0;
    let again: NodeJS.Timeout | undefined;
    let limit: NodeJS.Timeout | undefined;
    const answer = new Promise<Outcome>((resolve) => {
      this.#received = (kind, payload, broker) => {
        if (kind === "command") {
          if (payload.equals(order)) seen.add(broker);
          return;
        }
        const outcome = this.outcomeOf(payload);
        if (outcome === undefined) forged++;
        else if (!hash.equals(outcome.order)) return;
        else if (outcome.outcome === "refused" && outcome.reason.startsWith(TOO_MANY))
          again ??= setTimeout(() => {
            again = undefined;
            for (const session of this.#sessions) session.publish(order).catch(() => {}); // `over` says so
          }, AGAIN);
        else resolve(outcome);
      };
    });
    const late = new Promise<undefined>((resolve) => {
      limit = setTimeout(() => resolve(undefined), wait);
    });
    try {
      await Promise.all(
        this.#sessions.map(async (session) => {
          try {
            await session.publish(order);
            taken.push(session.name);
          } catch (error) {
            this.failed(session, error);
          }
        }),
      );
      if (taken.length === 0) throw new Error(this.said());
      const ended = Promise.all(
        this.#sessions.map((session) => session.over.catch((e) => this.failed(session, e))),
      );
      const outcome = await Promise.race([answer, late, ended.then(() => "ended" as const)]);
      if (outcome === "ended")
        throw new Error(`${this.said()}; it had taken the order before, and the board's answer is not known`);
      const isOnline = [...this.#statuses.values()].some((is) => is);
      const known = this.#statuses.size > 0 ? isOnline : undefined;
      return { outcome, taken, seen: [...seen], isOnline: known, forged };
    } finally {
      clearTimeout(limit);
      clearTimeout(again);
    }
  }

  /** Removes what waits. Returns brokers where it is gone. Throws Error where it is still there. */
  async clear(): Promise<string[]> {
    const cleared: string[] = [];
    for (const session of this.#sessions) {
      const { command } = session.retained;
      if (command === undefined || command.length === 0) continue;
      try {
        await session.publish(new Uint8Array(0));
        const left = await session.look();
        if (left === undefined || left.length === 0) cleared.push(session.name);
        else
          this.failed(session, new Error("the order is still there: this user may not write to the topic"));
      } catch (error) {
        this.failed(session, error);
      }
    }
    return cleared;
  }

  async end(): Promise<void> {
    await Promise.all(this.#sessions.map((session) => session.end()));
  }

  private async add(broker: BrokerAddress): Promise<void> {
    const { network, device, signal } = this.#init;
    const name = nameOf(broker);
    try {
      const session = await OrderSession.open({
        broker,
        network,
        device,
        signal,
        received: (kind, payload) => {
          if (kind === "status") this.#statuses.set(name, statusOf(payload).isOnline);
          else this.#received(kind, payload, name);
        },
      });
      await session.listen().catch(async (error) => {
        await session.end();
        throw error;
      });
      const { status } = session.retained;
      if (status !== undefined) this.#statuses.set(name, statusOf(status).isOnline);
      this.#sessions.push(session);
    } catch (error) {
      this.failures.push({ broker: name, reason: (error as Error).message });
    }
  }

  private failed({ name }: OrderSession, error: unknown): void {
    this.failures.push({ broker: name, reason: (error as Error).message });
  }

  private said(): string {
    return this.failures.map(({ broker, reason }) => `${broker}: ${visible(reason)}`).join("; ");
  }

  private waiting(broker: string, command: Buffer, event: Buffer | undefined): Waiting {
    const { owner } = this.#init;
    const kid = signerOf(COMMAND_TYPE, command);
    const outcome = event && this.outcomeOf(event);
    const isAnswered =
      outcome !== undefined && createHash("sha256").update(command).digest().equals(outcome.order);
    return {
      broker,
      isAnswered,
      kid: kid && hex(kid),
      command:
        owner !== undefined && kid && hex(kid) === owner.kid
          ? contentOf(command, owner.publicKey)
          : undefined,
    };
  }

  /** Undefined for what the board's key has not signed. */
  private outcomeOf(document: Uint8Array): Outcome | undefined {
    const { device, network, publicKey } = this.#init;
    try {
      const outcome = readOutcome(document, signatureChecker);
      const isOwn =
        hex(outcome.kid) === device &&
        outcome.network === network &&
        (publicKey === undefined || isOf(outcome.publicKey, publicKey));
      return isOwn ? outcome : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Whether a compressed key and an uncompressed one are the same: by x, and whether y is odd (SEC 1 §2.3.3). */
function isOf(compressed: Uint8Array, uncompressed: Uint8Array): boolean {
  const isOdd = ((uncompressed.at(-1) as number) & 1) === 1;
  return (
    compressed[0] === (isOdd ? 3 : 2) && compressed.slice(1).every((byte, i) => byte === uncompressed[i + 1])
  );
}

function contentOf(command: Uint8Array, owner: Uint8Array): Command | undefined {
  try {
    return readCommand(command, owner, signatureChecker);
  } catch {
    return undefined;
  }
}

/** Whose the board was when it said that. */
export function standingOf({ owner, ownership, last }: Outcome): OwnerStanding {
  return { owner: hex(owner), ownership, last };
}

function isLater(one: Outcome, other: Outcome | undefined): boolean {
  return other === undefined || one.boot > other.boot || (one.boot === other.boot && one.last > other.last);
}

function statusOf(payload: Uint8Array): { isOnline: boolean; hint?: Findings["hint"] } {
  try {
    const { state, owner, ownership } = JSON.parse(Buffer.from(payload).toString()) as Record<
      string,
      unknown
    >;
    const isOnline = state === "online";
    if (owner === null) return { isOnline, hint: { owner: "", ownership: new Uint8Array(0) } };
    const isHint = typeof owner === "string" && typeof ownership === "string";
    if (!isHint || !/^[0-9a-f]{16}$/.test(owner) || !/^[0-9a-f]{16}$/.test(ownership)) return { isOnline };
    return { isOnline, hint: { owner, ownership: unhex(ownership) } };
  } catch {
    return { isOnline: false };
  }
}
