import type { AgentEvent } from "../../agent/agent-ports.js";
import type { DroppedRange, Position } from "../../agent/frame/chain.js";
import type { Frame } from "../../agent/frame/parse.js";
import type { Verdict } from "../../agent/frame/verdict.js";
import type { Judgement } from "../../network/verify/judgement.js";

/** What is seen of a world while it runs. `board` is a board's number. */
export interface Observer {
  /** A board has power and took this boot number. */
  booted(board: number, boot: number): void;
  /** A board lost its power or was reset. */
  cut(board: number, reason: string): void;
  /** A board's key signs for this position, and that these frames were lost; the digest is of what is signed. */
  signing(board: number, position: Position, losses: readonly DroppedRange[], digest: Uint8Array): void;
  /** A board asked a sensor, by its number. What it said of its one quantity; undefined where it failed. */
  sampled(board: number, sensor: number, name: string, value: number | undefined): void;
  /** What the agent tells. */
  told(board: number, event: AgentEvent): void;
  /** An exception came out of the agent. */
  crashed(board: number, error: unknown): void;
  /** A board begins a session with a broker. */
  opening(board: number, broker: number): void;
  /** A frame leaves a board. */
  sent(board: number, broker: number, id: number, frame: Uint8Array): void;
  /** A status message leaves a board. */
  reported(board: number, broker: number, status: Uint8Array): void;
  /** A broker's acknowledgement reached a board. `kept`: the broker has the frame for somebody. */
  acked(board: number, broker: number, id: number, kept: boolean): void;
  /** A broker stored a frame for the verifier. */
  queued(broker: string, frame: Uint8Array): void;
  /** The verifier made a frame durable. */
  kept(frame: Frame): void;
  /** The verifier judged. `again`: as it read its disk after a start. */
  judged(judgement: Judgement, again: boolean): void;
  /** A frame came to the verifier again that it had refused. */
  repeated(verdict: Verdict, frame: Frame): void;
}
