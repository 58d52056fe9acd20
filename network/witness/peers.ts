import type { Clock, Timer } from "../../agent/ports/clock.js";
import type { Answer, Cosigner } from "../log/cosign.js";
import type { Log } from "../log/log.js";
import { readNote } from "../log/note.js";
import type { Peer } from "./peer.js";
import type { PeerView } from "./view.js";

export interface PeersParts {
  readonly clock: Clock;
  /** Seconds from one look to the next. */
  readonly every: number;
  readonly peers: readonly Peer[];
  readonly cosigner: Cosigner;
  /** One's own log, as it is open now. */
  readonly log: () => Log;
}

/** All other witnesses that this one knows: follows their logs, and cosigns each other's. */
export class Peers {
  readonly #parts: PeersParts;
  readonly #running = new Set<Promise<void>>();
  #timer: Timer | undefined;
  #isOver = false;

  constructor(parts: PeersParts) {
    this.#parts = parts;
    this.#look();
  }

  views(): PeerView[] {
    return this.#parts.peers.map((peer) => peer.view());
  }

  /** To be called when the own log has grown. Returns at once. */
  grown(): void {
    if (this.#isOver) return;
    for (const peer of this.#parts.peers) this.#run(this.#ask(peer));
  }

  /** Answers a peer's add-checkpoint. Throws only where nothing can be kept. */
  addCheckpoint(body: Uint8Array): Answer {
    const answer = this.#parts.cosigner.addCheckpoint(body);
    const { evidence } = answer;
    if (evidence !== undefined) {
      const [origin] = readNote(evidence.newer).text.split("\n", 1);
      this.#parts.peers.find(({ key }) => key.name === origin)?.fork(evidence);
    }
    return answer;
  }

  /** Resolves when nothing is under way any more: who ends it must end the links, too. */
  async close(): Promise<void> {
    this.#isOver = true;
    if (this.#timer !== undefined) this.#parts.clock.clearTimer(this.#timer);
    await Promise.all(this.#running);
  }

  #look(): void {
    if (this.#isOver) return;
    const { clock, every, peers } = this.#parts;
    for (const peer of peers) this.#run(peer.look().then(() => this.#ask(peer)));
    this.#timer = clock.setTimer(() => this.#look(), every * 1000);
  }

  async #ask(peer: Peer): Promise<void> {
    const { peers } = this.#parts;
    const log = this.#parts.log();
    if (!this.#isOver)
      await peer.ask(
        log,
        peers.flatMap(({ cosignerKey }) => cosignerKey ?? []),
      );
  }

  #run(work: Promise<void>): void {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
  }
}
