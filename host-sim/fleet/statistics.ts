import type { AgentEvent } from "../../agent/agent-ports.js";
import type { Position } from "../../agent/frame/chain.js";
import type { Verdict } from "../../agent/frame/verdict.js";
import type { Judgement } from "../../network/verify/judgement.js";

/** Latencies kept for the percentiles: the latest. */
const LATENCIES = 100_000;

export interface Counts {
  readonly frames: {
    readonly signed: number;
    readonly acknowledged: number;
    readonly verified: number;
    readonly duplicate: number;
    /** Signed and not verified; frames still on their way count here until they arrive. */
    readonly lost: number;
    readonly rejected: Partial<Record<Verdict, number>>;
  };
  readonly readings: { readonly sampled: number; readonly verified: number };
  /** From signature to verdict. */
  readonly latency_ms: { readonly p50: number | null; readonly p99: number | null };
}

/**
 * Counts what boards and verifier say of themselves. Frames of another run on the same network, with the same keys,
 * count neither as verified nor as lost; one that is not fine is rejected all the same.
 */
export class Statistics {
  #signed = 0;
  #acknowledged = 0;
  #verified = 0;
  #duplicate = 0;
  #sampled = 0;
  #readings = 0;
  readonly #rejected: Partial<Record<Verdict, number>> = {};
  /** When frames were signed that are not judged yet, by device and position. */
  readonly #signedAt = new Map<string, number>();
  /** In a ring. Memory that no latency was written to takes no room. */
  readonly #latencies = new Float64Array(LATENCIES);
  #arrivals = 0;

  board(device: string, event: AgentEvent): void {
    if (event.type === "signed") {
      this.#signed++;
      this.#sampled += event.readings;
      this.#signedAt.set(keyOf(device, event.position), performance.now());
    } else if (event.type === "acknowledged") {
      this.#acknowledged++;
    }
  }

  judged(judgement: Judgement): void {
    const { verdict, kid, boot, sequence } = judgement;
    if (verdict === "ok") {
      const key = keyOf(kid as string, { boot: boot as number, sequence: sequence as number });
      if (!this.#arrived(key)) return; // signed in another run, with the same keys
      this.#verified++;
      this.#readings += judgement.readings?.length ?? 0;
    } else {
      this.#reject(verdict);
    }
  }

  /** A frame came again that was judged before. */
  repeated(verdict: Verdict): void {
    if (verdict === "duplicate") this.#duplicate++;
    else this.#reject(verdict);
  }

  #reject(verdict: Verdict): void {
    this.#rejected[verdict] = (this.#rejected[verdict] ?? 0) + 1;
  }

  /** Every frame that was signed is verified, and its board knows that it was taken. */
  readonly isSettled = () => this.lost === 0 && this.#acknowledged === this.#signed;

  /** Frames that were verified, and that boards know to be taken, together. */
  readonly arrived = () => this.#verified + this.#acknowledged;

  /** Signed and not verified, now. */
  get lost(): number {
    return this.#signed - this.#verified;
  }

  counts(): Counts {
    const sorted = this.#latencies.slice(0, this.#arrivals).sort();
    const rank = (share: number) => {
      const latency = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
      return latency === undefined ? null : Math.round(latency * 10) / 10;
    };
    return {
      frames: {
        signed: this.#signed,
        acknowledged: this.#acknowledged,
        verified: this.#verified,
        duplicate: this.#duplicate,
        lost: this.lost,
        rejected: { ...this.#rejected },
      },
      readings: { sampled: this.#sampled, verified: this.#readings },
      latency_ms: { p50: rank(0.5), p99: rank(0.99) },
    };
  }

  /** False for what was not signed in this run. */
  #arrived(key: string): boolean {
    const signedAt = this.#signedAt.get(key);
    if (signedAt === undefined) return false;
    this.#signedAt.delete(key);
    this.#latencies[this.#arrivals++ % LATENCIES] = performance.now() - signedAt;
    return true;
  }
}

function keyOf(device: string, { boot, sequence }: Position): string {
  return `${device}/${boot}/${sequence}`;
}
