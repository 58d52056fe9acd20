import type { AgentEvent } from "../../agent/agent-ports.js";
import { hex } from "../../agent/cose/kid.js";
import type { DroppedRange, Position } from "../../agent/frame/chain.js";
import type { Frame } from "../../agent/frame/parse.js";
import type { Verdict } from "../../agent/frame/verdict.js";
import type { Judgement } from "../../network/verify/judgement.js";
import { type BoardLedger, countBits, ENOUGH } from "./ledger.js";
import type { Observer } from "./observer.js";
import { latin1Signature } from "./oracles/equivocation.js";
import type { Oracle } from "./oracles/oracle.js";
import { hasRoom } from "./oracles/room.js";
import { boardName, brokerName, numberOf } from "./plan.js";
import { signedPosition } from "./signed-position.js";
import type { Trace } from "./trace.js";
import type { World } from "./world.js";

/** How a session ends that the board itself ends, when the broker owes it nothing any more: what that acknowledged counts. */
export const LEFT = "not needed";

/** What is counted of a run. */
export interface Counts {
  /** Frames that were signed and durable; verified, each once; declared lost; that came to the verifier again. */
  readonly signed: number;
  readonly verified: number;
  readonly dropped: number;
  readonly duplicate: number;
  /** Times that a board lost its power or was reset. */
  readonly cuts: number;
}

/** Sees all that happens in a world: writes the trace, asks the oracles, then keeps the books. */
export class Watch implements Observer {
  /** Set before the world starts. */
  oracles: readonly Oracle[] = [];
  world: World | undefined;
  readonly counts = { signed: 0, verified: 0, dropped: 0, duplicate: 0, cuts: 0 };
  readonly #trace: Trace;
  readonly #ledgers: readonly BoardLedger[];

  constructor(trace: Trace, ledgers: readonly BoardLedger[]) {
    this.#trace = trace;
    this.#ledgers = ledgers;
  }

  private get now(): number {
    return this.world?.scheduler.now ?? 0;
  }

  note(who: string, what: string): void {
    this.#trace.add(this.now, who, what);
  }

  booted(board: number, boot: number): void {
    this.note(boardName(board), `boot ${boot}`);
    for (const oracle of this.oracles) oracle.booted?.(board, boot);
    this.#ledgers[board]?.booted(boot, this.now);
  }

  cut(board: number, reason: string): void {
    this.note(boardName(board), `off: ${reason}`);
    for (const oracle of this.oracles) oracle.cut?.(board, reason);
    this.#ledgers[board]?.wentOff(this.now);
    this.counts.cuts++;
  }

  signing(board: number, position: Position, losses: readonly DroppedRange[], digest: Uint8Array): void {
    for (const oracle of this.oracles) oracle.signing?.(board, position, losses, digest);
    const ledger = this.#ledgers[board];
    const { boot, sequence } = position;
    for (const range of losses) ledger?.gone(range);
    if (ledger === undefined || ledger.find(position) !== undefined) return;
    ledger.add({
      board,
      boot,
      sequence,
      digest: hex(digest),
      signedAt: this.now,
      isClockWrong: this.world?.boardOf(boardName(board))?.timeOfDay.offset !== 0,
      signature: "",
      durableAt: -1,
      acknowledgedAt: -1,
      keptAt: -1,
      verdict: undefined,
      isDeclared: false,
      isGone: false,
      ackedBy: 0,
      heldBy: 0,
      heldSince: -1,
      isShort: false,
    });
  }

  sampled(board: number, sensor: number, name: string, value: number | undefined): void {
    for (const oracle of this.oracles) oracle.sampled?.(board, sensor, name, value);
  }

  told(board: number, event: AgentEvent): void {
    this.note(boardName(board), eventText(event));
    for (const oracle of this.oracles) oracle.told?.(board, event);
    const ledger = this.#ledgers[board];
    if (event.type === "link-closed" && event.wasOpen) {
      const broker = numberOf(event.link);
      ledger?.ended(broker);
      if (event.reason !== LEFT) ledger?.broke(1 << broker);
    }
    if (ledger !== undefined && event.type === "sector-failed" && event.reason.includes("no longer be read"))
      ledger.unreadableAt = this.now;
    if (event.type !== "signed" && event.type !== "acknowledged") return;
    const record = ledger?.find(event.position);
    if (ledger === undefined || record === undefined) return;
    if (event.type === "signed") {
      if (record.durableAt < 0) this.counts.signed++;
      ledger.becameDurable(record, this.now);
    } else {
      const isShort = record.acknowledgedAt < 0 && countBits(record.heldBy) < ENOUGH;
      if (isShort)
        record.isShort =
          ledger.isExcused(this.now) || !hasRoom(this.world?.boardOf(boardName(board)), ledger, record);
      ledger.acknowledged(record, this.now);
    }
  }

  crashed(board: number, error: unknown): void {
    this.note(boardName(board), `threw ${error}`);
    for (const oracle of this.oracles) oracle.crashed?.(board, error);
  }

  opening(board: number, broker: number): void {
    this.note(boardName(board), `connects to ${brokerName(broker)}`);
    for (const oracle of this.oracles) oracle.opening?.(board, broker);
  }

  sent(board: number, broker: number, id: number, frame: Uint8Array): void {
    const position = signedPosition(frame);
    const { boot, sequence } = position;
    this.note(boardName(board), `sends ${boot}/${sequence} as ${id} to ${brokerName(broker)}`);
    for (const oracle of this.oracles) oracle.sent?.(board, broker, id, frame);
    const ledger = this.#ledgers[board];
    const record = ledger?.find(position);
    if (ledger === undefined || record === undefined) return;
    ledger.sent(record, id, broker);
    if (record.signature === "") record.signature = latin1Signature(frame);
    if (record.durableAt >= 0) return;
    // Durable in a boot that ended before it could say so.
    this.counts.signed++;
    ledger.becameDurable(record, this.now);
  }

  reported(board: number, broker: number, status: Uint8Array): void {
    for (const oracle of this.oracles) oracle.reported?.(board, broker, status);
  }

  acked(board: number, broker: number, id: number, kept: boolean): void {
    for (const oracle of this.oracles) oracle.acked?.(board, broker, id, kept);
    if (kept) this.#ledgers[board]?.acked(id, broker, this.now);
  }

  queued(broker: string, frame: Uint8Array): void {
    this.note(broker, `has ${frame.length} bytes`);
    for (const oracle of this.oracles) oracle.queued?.(broker, frame);
  }

  kept(frame: Frame): void {
    const kid = hex(frame.kid);
    const { boot, sequence } = frame;
    const board = this.world?.numberOf(kid);
    this.note("verifier", `keeps ${boot}/${sequence} of ${board === undefined ? kid : boardName(board)}`);
    for (const oracle of this.oracles) oracle.kept?.(frame);
    const ledger = board === undefined ? undefined : this.#ledgers[board];
    if (ledger === undefined) return;
    const record = ledger.find(frame);
    if (record !== undefined) record.keptAt = this.now;
    this.counts.verified++;
    for (const range of frame.dropped) this.counts.dropped += ledger.declared(range);
  }

  judged(judgement: Judgement, again: boolean): void {
    const { verdict, kid = "", boot = 0, sequence = 0 } = judgement;
    if (!again) this.note("verifier", `says ${verdict} to ${boot}/${sequence} of ${kid}`);
    for (const oracle of this.oracles) oracle.judged?.(judgement, again);
    const board = this.world?.numberOf(kid);
    if (board === undefined) return;
    if (verdict === "duplicate") this.counts.duplicate++;
    const record = this.#ledgers[board]?.find({ boot, sequence });
    if (record !== undefined && verdict !== "duplicate") record.verdict = verdict;
  }

  repeated(verdict: Verdict, { boot, sequence, kid }: Frame): void {
    this.note("verifier", `says ${verdict} to ${boot}/${sequence} of ${hex(kid)}`);
  }

  tick(): void {
    for (const oracle of this.oracles) oracle.tick?.();
  }

  finish(): void {
    for (const oracle of this.oracles) oracle.finish?.();
  }
}

/** An event of the agent in one line; its members are in the order in which the agent made them. */
function eventText(event: AgentEvent): string {
  if (event.type === "signed") {
    const { boot, sequence } = event.position;
    return `signed ${boot}/${sequence}: ${event.bytes} bytes, ${event.readings} readings`;
  }
  if (event.type === "acknowledged") return `acknowledged ${event.position.boot}/${event.position.sequence}`;
  return JSON.stringify(event);
}
