import type { Position } from "../../agent/frame/chain.js";
import type { Verdict } from "../../agent/frame/verdict.js";
import type { Prefix } from "../../network/inventory/subtree.js";
import type { Answer } from "../../network/log/cosign.js";
import type { Log } from "../../network/log/log.js";
import type { LogFiles } from "../../network/ports/log-files.js";
import type { WitnessStore } from "../../network/ports/witness-store.js";
import type { Judgement } from "../../network/verify/judgement.js";
import type { Registry } from "../../network/verify/registry.js";
import type {
  EnrolledView,
  FrameQuery,
  WitnessCounts,
  WitnessEvent,
  WitnessState,
  WitnessView,
} from "../../network/witness/view.js";
import type { RegistrySource } from "../network/registry-source.js";
import type { Intake } from "./intake.js";
import type { NodePeers } from "./peers.js";

export interface ViewParts {
  readonly network: string;
  readonly name: string;
  readonly version: string;
  readonly did: string;
  /** URLs without passwords. */
  readonly brokers: readonly string[];
  readonly store: WitnessStore;
  readonly log: () => Log;
  readonly files: LogFiles;
  readonly intake: () => Intake | undefined;
  readonly registry: () => Registry;
  readonly receipt: WitnessView["receipt"];
  readonly subtrees: WitnessView["subtrees"];
  /** Undefined where it has none. */
  readonly peers: NodePeers | undefined;
  /** Undefined where it takes none. */
  readonly enrol: RegistrySource["give"];
  readonly isSubscribed: (broker: string) => boolean;
}

/** As a cosigner answers that knows no log (tlog-witness). */
const NO_PEERS: Answer = {
  status: 404,
  type: "text/plain; charset=utf-8",
  body: "this witness has no peers\n",
};

/** A witness as it is shown, and what it counts. */
export class NodeView implements WitnessView {
  readonly #parts: ViewParts;
  readonly #started = performance.now();
  readonly #listeners = new Set<(event: WitnessEvent) => void>();
  readonly #verdicts: Partial<Record<Verdict, number>> = {};
  readonly #brokers: Record<string, number> = {};
  #bytes = 0;
  #sorted: { readonly registry: Registry; readonly kids: readonly string[] } | undefined;

  constructor(parts: ViewParts) {
    this.#parts = parts;
    for (const broker of parts.brokers) this.#brokers[broker] = 0;
  }

  /** A judgement; `refused`: the message's bytes, where nothing of it is kept. */
  judged({ kid, boot, sequence, ...judgement }: Judgement, refused?: Uint8Array): void {
    const { verdict, broker = "", topic = "", received = Date.now() / 1000, detail } = judgement;
    const { store } = this.#parts;
    this.#count(verdict, broker);
    if (refused !== undefined) {
      const rest = { verdict, received, broker, topic, bytes: refused };
      const rejection = store.refuse({ ...rest, ...(detail !== undefined && { detail }) });
      this.#tell(() => ({ type: "rejection", rejection }));
      return;
    }
    this.#bytes += judgement.bytes;
    if (kid === undefined || boot === undefined || sequence === undefined || this.#listeners.size === 0)
      return;
    const frame = store.frame(kid, { boot, sequence });
    if (frame !== undefined) this.#tell(() => ({ type: "frame", frame }));
  }

  repeated(verdict: Verdict, broker: string): void {
    this.#count(verdict, broker);
  }

  state(): WitnessState {
    const { network, name, version, did, brokers, store, log, isSubscribed } = this.#parts;
    const intake = this.#parts.intake();
    const { state, reason } = intake?.state ?? { state: "running" };
    const isAny = brokers.some(isSubscribed);
    return {
      state: state === "running" && !isAny ? "catching-up" : state,
      ...(reason !== undefined && { reason }),
      network,
      name,
      version,
      did,
      uptime: performance.now() - this.#started,
      brokers: brokers.map((broker) => ({ broker, subscribed: isSubscribed(broker) })),
      devices: this.#parts.registry().size,
      frames: store.size,
      waiting: intake?.verifier?.waiting ?? 0,
      quarantined: intake?.verifier?.quarantined ?? 0,
      entries: log().size,
      peers: this.#parts.peers?.views() ?? [],
      bytes: store.bytes,
    };
  }

  devices(after: string | undefined, limit: number): EnrolledView[] {
    const kids = this.#kids();
    const start = after === undefined ? 0 : firstBehind(kids, after);
    return kids.slice(start, start + limit).flatMap((kid) => this.device(kid) ?? []);
  }

  /** In order: made again where the registry is another one, or has grown. */
  #kids(): readonly string[] {
    const registry = this.#parts.registry();
    if (this.#sorted?.registry !== registry || this.#sorted.kids.length !== registry.size)
      this.#sorted = { registry, kids: [...registry.kids()].sort() };
    return this.#sorted.kids;
  }

  device(kid: string): EnrolledView | undefined {
    const device = this.#parts.registry().device(kid);
    return device && { kid, did: device.did, site: device.site };
  }

  frames = (query: FrameQuery) => this.#parts.store.frames(query);
  frame = (kid: string, position: Position) => this.#parts.store.frame(kid, position);
  rejections = (before: number | undefined, limit: number) => this.#parts.store.rejections(before, limit);
  receipt = (kid: string, position: Position) => this.#parts.receipt(kid, position);
  subtrees = (epoch: number, prefixes: readonly Prefix[]) => this.#parts.subtrees(epoch, prefixes);
  evidence = (kid: string) => this.#parts.store.evidence(kid);
  logFile = (path: string) => this.#parts.files.read(path);
  cosigned = (origin: string) => this.#parts.peers?.cosigned(origin);
  enrol = (statement: Uint8Array) => this.#parts.enrol?.(statement);
  addCheckpoint = (body: Uint8Array) => this.#parts.peers?.addCheckpoint(body) ?? NO_PEERS;

  listen(listener: (event: WitnessEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  counts(): WitnessCounts {
    const { count, seconds } = this.#parts.store.commits;
    const counted = { verdicts: this.#verdicts, brokers: this.#brokers, bytes: this.#bytes };
    return { ...counted, commits: count, commitSeconds: seconds };
  }

  #count(verdict: Verdict, broker: string): void {
    this.#verdicts[verdict] = (this.#verdicts[verdict] ?? 0) + 1;
    if (broker !== "") this.#brokers[broker] = (this.#brokers[broker] ?? 0) + 1;
  }

  #tell(event: () => WitnessEvent): void {
    if (this.#listeners.size === 0) return;
    const told = event();
    for (const listener of this.#listeners) listener(told);
  }
}

/** Where the first of `kids`, in order, stands that is behind `after`. */
function firstBehind(kids: readonly string[], after: string): number {
  let low = 0;
  let high = kids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((kids[middle] as string) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}
