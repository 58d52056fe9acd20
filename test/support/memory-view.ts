import { comparePositions, type Position } from "../../agent/frame/chain.js";
import { InputError } from "../../agent/input-error.js";
import type { Outcome } from "../../network/enrolment/book.js";
import { ListedTree } from "../../network/inventory/listed-tree.js";
import type { InventoryTree, Prefix, Shape } from "../../network/inventory/subtree.js";
import { SHOWN_DEPTH } from "../../network/inventory/subtree-wire.js";
import type { Answer } from "../../network/log/cosign.js";
import type { FrameReceipt } from "../../network/witness/frame-receipt.js";
import type {
  EnrolledView,
  KeptFrame,
  Rejection,
  WitnessCounts,
  WitnessEvent,
  WitnessState,
  WitnessView,
} from "../../network/witness/view.js";
import { hasher } from "../../node/ports/signer.js";

/** What a witness shows of itself, from memory. Everything in it can be changed at any time. */
export class MemoryView implements WitnessView {
  current: WitnessState;
  counted: WitnessCounts = { verdicts: {}, brokers: {}, bytes: 0, commits: 0, commitSeconds: 0 };
  readonly enrolled: EnrolledView[] = [];
  /** In the order of signing. */
  readonly kept: KeptFrame[] = [];
  readonly refused: Rejection[] = [];
  readonly contradictions: (readonly [Uint8Array, Uint8Array])[] = [];
  /** Of epoch 1. */
  tree: InventoryTree = new ListedTree([], hasher);
  readonly files = new Map<string, Uint8Array>();
  /** What peers and owners sent, and what they are answered. */
  readonly sent: Uint8Array[] = [];
  outcome: Outcome | undefined;
  answer: Answer = { status: 200, type: "text/plain; charset=utf-8", body: "\u2014 north AAAA\n" };
  readonly listeners = new Set<(event: WitnessEvent) => void>();
  /** The most frames that were held for one query. */
  mostAtOnce = 0;

  constructor(state: WitnessState) {
    this.current = state;
  }

  emit(event: WitnessEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  state(): WitnessState {
    return this.current;
  }

  devices(after: string | undefined, limit: number): EnrolledView[] {
    return this.enrolled.filter(({ kid }) => after === undefined || kid > after).slice(0, limit);
  }

  device(kid: string): EnrolledView | undefined {
    return this.enrolled.find((device) => device.kid === kid);
  }

  frames({ kid, from, until, after, limit }: Parameters<WitnessView["frames"]>[0]): KeptFrame[] {
    const isDated = from === undefined && until === undefined;
    const found: KeptFrame[] = [];
    for (const frame of this.kept) {
      if (found.length === limit) break;
      if (frame.kid !== kid || (after && comparePositions(frame, after) <= 0)) continue;
      const { time } = frame;
      const isInside = time !== null && time >= (from ?? time) && time <= (until ?? time);
      if (isDated || isInside) found.push(frame);
    }
    this.mostAtOnce = Math.max(this.mostAtOnce, found.length);
    return found;
  }

  frame(kid: string, position: Parameters<WitnessView["frame"]>[1]): KeptFrame | undefined {
    return this.kept.find((frame) => frame.kid === kid && comparePositions(frame, position) === 0);
  }

  rejections(before: number | undefined, limit: number): Rejection[] {
    const newest = [...this.refused].reverse();
    return newest.filter(({ number }) => before === undefined || number < before).slice(0, limit);
  }

  receipt(_kid: string, { boot }: Position): FrameReceipt {
    if (boot !== 1) throw new InputError("no inventory has the frame yet");
    const none = new Uint8Array(32);
    return {
      type: "fieldmark frame receipt 1",
      network: "demo",
      device: "did:key:z",
      witness: "did:key:z",
      frame: none,
      domain: { chain: 0, contract: new Uint8Array(20) },
      inventory: { epoch: 1, body: none, signature: none, path: [{ bit: 1, sibling: none }] },
      log: { size: 2, index: 1, proof: [none], first: none, firstProof: [none], checkpoint: "" },
    };
  }

  subtrees(epoch: number, prefixes: readonly Prefix[]): readonly (Shape | undefined)[] | undefined {
    return epoch === 1 ? prefixes.map((prefix) => this.tree.expand(prefix, SHOWN_DEPTH)) : undefined;
  }

  evidence(): (readonly [Uint8Array, Uint8Array])[] {
    return this.contradictions;
  }

  logFile(path: string): Uint8Array | undefined {
    return this.files.get(path);
  }

  cosigned(origin: string): Uint8Array | undefined {
    return this.files.get(`${origin}/checkpoint`);
  }

  addCheckpoint(body: Uint8Array): Answer {
    this.sent.push(body);
    return this.answer;
  }

  enrol(statement: Uint8Array): Outcome | undefined {
    this.sent.push(statement);
    return this.outcome;
  }

  listen(listener: (event: WitnessEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  counts(): WitnessCounts {
    return this.counted;
  }
}
