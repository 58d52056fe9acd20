import type { Position } from "../../agent/frame/chain.js";
import type { Verdict } from "../../agent/frame/verdict.js";
import type { Outcome } from "../enrolment/book.js";
import type { Prefix, Shape } from "../inventory/subtree.js";
import type { Answer } from "../log/cosign.js";
import type { FrameReceipt } from "./frame-receipt.js";

/** A frame that a witness keeps: authentic, whatever its verdict. */
export interface KeptFrame extends Position {
  /** Of the device, 8 bytes in hex. */
  readonly kid: string;
  /** As it was signed. */
  readonly bytes: Uint8Array;
  /** Unix seconds at the pack's base time, as the judge dated it; null where nothing dates it (yet). */
  readonly time: number | null;
  /** Unix seconds at which it came first, by the witness's clock. */
  readonly received: number;
  /** The broker that brought it first; without passwords. */
  readonly broker: string;
  /** Undefined as long as it waits for what belongs before it. */
  readonly verdict: Verdict | undefined;
  /** What is wrong, for people. */
  readonly detail?: string;
}

/** A message that was refused: nothing in it is proven. */
export interface Rejection {
  /** Rises from one to the next. */
  readonly number: number;
  readonly verdict: Verdict;
  readonly detail?: string;
  readonly received: number;
  readonly broker: string;
  readonly topic: string;
  /** At most MAX_FRAME_BYTES of it. */
  readonly bytes: Uint8Array;
}

/** Frames of one device, in the order of signing. */
export interface FrameQuery {
  readonly kid: string;
  /** Unix seconds, both included: of the frames' own dates. Frames without a date are left out then. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  /** Frames behind this one alone. */
  readonly after?: Position | undefined;
  /** As many at most. */
  readonly limit: number;
}

/** Another witness, as this one knows it. */
export interface PeerView {
  /** Of its log. */
  readonly name: string;
  /** Entries of its log when it was last seen; null: never. */
  readonly size: number | null;
  /**
   * `waiting`: not looked at yet. `refused`: it shows what its log did not sign. `unproven`: it does
   * not show that its log goes on from what was seen. `fork`: its log signed two trees, for ever.
   */
  readonly state: "waiting" | "up" | "down" | "refused" | "unproven" | "fork";
  /** What is wrong, for people. */
  readonly reason?: string;
  /** Entries of this witness's log that it cosigned since this one started; null: none. */
  readonly cosigned: number | null;
}

/** How a witness does. */
export interface WitnessState {
  /**
   * `full`: the disk is; nothing is taken in until there is room again. `catching-up`: it has no
   * broker yet.
   */
  readonly state: "running" | "catching-up" | "full" | "failed";
  /** What is wrong, for people. */
  readonly reason?: string;
  readonly network: string;
  readonly name: string;
  readonly version: string;
  /** did:key of the key that signs its statements. */
  readonly did: string;
  /** Milliseconds since it started. */
  readonly uptime: number;
  readonly brokers: readonly { readonly broker: string; readonly subscribed: boolean }[];
  readonly devices: number;
  /** Frames in the store, and those of them that wait for a verdict. */
  readonly frames: number;
  readonly waiting: number;
  readonly quarantined: number;
  /** Entries of the log. */
  readonly entries: number;
  readonly peers: readonly PeerView[];
  /** Bytes on disk. */
  readonly bytes: number;
}

export interface EnrolledView {
  readonly kid: string;
  readonly did: string;
  readonly site: string;
}

/** What happens, as it happens. */
export type WitnessEvent =
  | { readonly type: "frame"; readonly frame: KeptFrame }
  | { readonly type: "rejection"; readonly rejection: Rejection };

/** What a witness shows of itself. Nothing that is secret can be had by it. */
export interface WitnessView {
  state(): WitnessState;
  /** In the order of their kids, behind `after`. */
  devices(after: string | undefined, limit: number): EnrolledView[];
  device(kid: string): EnrolledView | undefined;
  frames(query: FrameQuery): KeptFrame[];
  frame(kid: string, position: Position): KeptFrame | undefined;
  /** The newest come first, those before `before` alone. */
  rejections(before: number | undefined, limit: number): Rejection[];
  /** Frames that contradict others of their device, each with that other: [the one that came first, the other]. */
  evidence(kid: string): (readonly [Uint8Array, Uint8Array])[];
  /** Proof that it has a frame. Throws InputError where there is none, or not yet. */
  receipt(kid: string, position: Position): FrameReceipt;
  /**
   * What is below each prefix of the inventory that it signed for an epoch; of more work than a
   * question may cause, the last are left out. Undefined where it has no such inventory, or not any
   * more.
   */
  subtrees(epoch: number, prefixes: readonly Prefix[]): readonly (Shape | undefined)[] | undefined;
  /** A file of the log by its path as tlog-tiles has it, such as `checkpoint` or `tile/0/000.p/5`. */
  logFile(path: string): Uint8Array | undefined;
  /** The last checkpoint that it cosigned of another log: by SHA-256 of the log's name, in hex. */
  cosigned(origin: string): Uint8Array | undefined;
  /** Answers a peer's add-checkpoint (tlog-witness): nothing else may be asked of it. */
  addCheckpoint(body: Uint8Array): Answer;
  /**
   * Takes an owner's statement. One that is in force now, or waits, is kept durably. Undefined where
   * this witness takes none in this way. Throws where it cannot be kept.
   */
  enrol(statement: Uint8Array): Outcome | undefined;
  /** Returns what ends it. */
  listen(listener: (event: WitnessEvent) => void): () => void;
  /** How many messages had which verdict since it started, and other counts. */
  counts(): WitnessCounts;
}

export interface WitnessCounts {
  readonly verdicts: Readonly<Partial<Record<Verdict, number>>>;
  /** Messages of each broker. */
  readonly brokers: Readonly<Record<string, number>>;
  /** Bytes of frames that were kept. */
  readonly bytes: number;
  /** Commits of the store, and the seconds that they took in all. */
  readonly commits: number;
  readonly commitSeconds: number;
}
