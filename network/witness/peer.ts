import type { ForkEvidence } from "../log/fork.js";
import type { KeptCheckpoints } from "../log/kept-checkpoints.js";
import { CHECKPOINT_PATH, type Log } from "../log/log.js";
import { MAX_NOTE_BYTES } from "../log/note.js";
import type { VerifierKey } from "../log/note-key.js";
import { type Sighting, Watch } from "../log/watch.js";
import type { NoteChecker } from "../ports/note-keys.js";
import type { PeerLink } from "../ports/peer-link.js";
import { type Asked, askCosigner } from "./ask-cosigner.js";
import type { PeerView } from "./view.js";

export interface PeerParts {
  /** Of its log. */
  readonly key: VerifierKey;
  /** Of its cosigner. Left out: it is not asked to cosign. */
  readonly cosignerKey?: VerifierKey | undefined;
  readonly link: PeerLink;
  readonly checker: NoteChecker;
  /** What was seen of peers' logs, and what was cosigned of them. */
  readonly seen: KeptCheckpoints;
  readonly cosigned: Pick<KeptCheckpoints, "last">;
  /** There is evidence already that its log is forked. */
  readonly isForked: boolean;
  /** Keeps such evidence, durably. Called once. */
  readonly keepEvidence: (evidence: ForkEvidence) => void;
  /** Is told what changed, in words: never the same twice in a row. */
  readonly report: (line: string) => void;
}

type State = PeerView["state"];

/** One other witness: follows its log, and has it cosign one's own. Nothing that it does makes this throw. */
export class Peer {
  readonly key: VerifierKey;
  readonly cosignerKey: VerifierKey | undefined;
  readonly #parts: PeerParts;
  readonly #watch: Watch;
  #state: State;
  #reason: string | undefined;
  /** Entries of the own log that it cosigned; undefined where it was never asked with success. */
  #cosigned: number | undefined;
  #asked: Asked["kind"] | "down" | undefined;
  #isLooking = false;
  #isAsking = false;

  constructor(parts: PeerParts) {
    const { key, cosignerKey, checker, link, seen, isForked } = parts;
    this.key = key;
    this.cosignerKey = cosignerKey;
    this.#parts = parts;
    this.#watch = new Watch({ checker, key, fetch: link.log, kept: seen });
    this.#state = isForked ? "fork" : "waiting";
  }

  view(): PeerView {
    let size: number | null = null;
    try {
      size = this.#parts.seen.last(this.key.name)?.size ?? null;
    } catch {} // damaged: a look says so
    const reason = this.#reason;
    const cosigned = this.#cosigned ?? null;
    return {
      name: this.key.name,
      size,
      state: this.#state,
      ...(reason !== undefined && { reason }),
      cosigned,
    };
  }

  /** Looks at its log once. A forked one is looked at no more: nothing in it is believed. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#state === "fork") return;
    this.#isLooking = true;
    try {
      const note = await this.#fetch();
      if (typeof note === "string") this.#become("down", note);
      else await this.#see(note);
    } catch (error) {
      this.#become("unproven", (error as Error).message);
    } finally {
      this.#isLooking = false;
    }
  }

  /** Has it cosign `log` as it is, unless it did. `keys`: of all cosigners that may be on its checkpoint. */
  async ask(log: Log, keys: readonly VerifierKey[]): Promise<void> {
    const { cosignerKey: key, checker, link } = this.#parts;
    if (key === undefined || this.#isAsking || this.#cosigned === log.size) return;
    this.#isAsking = true;
    try {
      this.#take(await askCosigner({ log, checker, ask: link.ask, key, keys }, this.#cosigned ?? 0));
    } catch (error) {
      this.#tell("down", `cannot be asked to cosign (${(error as Error).message})`);
    } finally {
      this.#isAsking = false;
    }
  }

  /** Its log signed two trees. */
  fork(evidence: ForkEvidence): void {
    if (this.#state === "fork") return;
    this.#parts.keepEvidence(evidence);
    this.#state = "fork";
    this.#reason = undefined;
    this.#parts.report(`${this.#name} IS FORKED: it signed two logs that contradict each other`);
  }

  /** Its checkpoint, or why there is none. */
  async #fetch(): Promise<Uint8Array | string> {
    try {
      const note = await this.#parts.link.log(CHECKPOINT_PATH, MAX_NOTE_BYTES);
      return note ?? "there is no log at its address";
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** It may show one log to who looks and have another cosigned: what it shows must have both. */
  async #see(note: Uint8Array): Promise<void> {
    const shown = await this.#watch.see(note);
    const signed = this.#parts.cosigned.last(this.key.name);
    const isWell = shown.kind !== "fork" && shown.kind !== "refused" && shown.kind !== "unproven";
    this.#judge(signed === undefined || !isWell ? shown : await this.#watch.see(signed.note));
  }

  #judge(sighting: Sighting): void {
    if (sighting.kind === "fork") this.fork(sighting.evidence);
    else if (sighting.kind === "refused" || sighting.kind === "unproven")
      this.#become(sighting.kind, sighting.reason);
    else this.#become("up");
  }

  #become(state: Exclude<State, "fork" | "waiting">, reason?: string): void {
    if (this.#state === "fork") return;
    const isNews = state !== this.#state;
    this.#state = state;
    this.#reason = reason;
    if (isNews)
      this.#parts.report(`${this.#name} ${WORDS[state]}${reason === undefined ? "" : `: ${reason}`}`);
  }

  #take(asked: Asked): void {
    if (asked.kind === "cosigned") {
      this.#cosigned = asked.size;
      this.#tell("cosigned", "cosigns this log");
    } else if (asked.kind === "refused") this.#tell("refused", `does not cosign this log: ${asked.reason}`);
    else
      this.#tell(
        "ahead",
        `says that this log had ${asked.size} entries: were its files restored from an older copy?`,
      );
  }

  #tell(kind: Asked["kind"] | "down", words: string): void {
    if (kind === this.#asked) return;
    this.#asked = kind;
    this.#parts.report(`${this.#name} ${words}`);
  }

  get #name(): string {
    return `peer ${this.key.name}`;
  }
}

const WORDS = {
  up: "is followed",
  down: "cannot be reached",
  refused: "shows what its log did not sign",
  unproven: "does not show that its log goes on from what was seen",
} as const;
