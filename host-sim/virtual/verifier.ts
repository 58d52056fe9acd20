import type { Frame } from "../../agent/frame/parse.js";
import type { SignatureChecker } from "../../agent/ports/signer.js";
import type { Registry } from "../../network/witness/registry.js";
import { Witness } from "../../network/witness/witness.js";
import type { Broker } from "./broker.js";
import type { Dice } from "./dice.js";
import { Disk } from "./disk.js";
import type { Observer } from "./observer.js";
import { EPOCH } from "./ports.js";
import type { Route } from "./route.js";
import { Subscription } from "./subscription.js";
import type { Scheduler } from "./time.js";

/** Milliseconds that a frame may wait for what belongs before it: more than any fault lasts. */
export const PATIENCE = 12 * 3_600_000;
/** Bytes of one device's frames that may wait so. */
const WAITING_BYTES = 8 << 20;
const HOUSEKEEPING = 10_000;

export interface VerifierInit {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly brokers: readonly Broker[];
  readonly routes: readonly Route[];
  readonly registry: Registry;
  readonly signatures: SignatureChecker;
  readonly observer: Observer;
}

/** The verifier's process, over all its lives, and the machine that it runs on. */
export class VirtualVerifier {
  readonly disk = new Disk();
  /** Milliseconds by which its clock is wrong. */
  clockOffset = 0;
  /** Times that it was started. */
  starts = 0;
  readonly #init: VerifierInit;
  readonly #signatures: SignatureChecker;
  #witness: Witness | undefined;
  #subscriptions: readonly Subscription[] = [];
  #isReading = false;

  constructor(init: VerifierInit) {
    this.#init = init;
    this.#signatures = remembering(init.signatures);
  }

  get isOn(): boolean {
    return this.#witness !== undefined;
  }

  /** Frames that wait for a judgement. */
  get waiting(): number {
    return this.#witness?.waiting ?? 0;
  }

  #begin(): void {
    const { scheduler, dice, brokers, routes, registry, observer } = this.#init;
    const witness = new Witness({
      registry,
      signatures: this.#signatures,
      now: () => this.now(),
      uptime: () => scheduler.now,
      keep: (bytes, frame) => this.keep(bytes, frame),
      judged: (judgement) => observer.judged(judgement, this.#isReading),
      room: WAITING_BYTES,
    });
    this.#witness = witness;
    this.#isReading = true;
    for (const bytes of this.disk.frames) witness.receive(bytes);
    this.#isReading = false;
    this.#subscriptions = brokers.map(
      (broker, index) =>
        new Subscription(
          scheduler,
          dice.fork(`broker ${index} ${this.starts}`),
          broker,
          routes[index] as Route,
          (frame) => this.receive(frame),
        ),
    );
    for (const subscription of this.#subscriptions) subscription.start();
    this.#keepHouse(witness);
  }

  /** All that is not on the disk is gone. */
  kill(): void {
    this.#witness = undefined;
    for (const subscription of this.#subscriptions) subscription.stop();
    this.#subscriptions = [];
  }

  /** Harmless for one that runs. */
  start(): void {
    if (this.isOn) return;
    this.starts++;
    this.#begin();
  }

  /** Unix milliseconds, as it believes. */
  now(): number {
    return EPOCH + this.#init.scheduler.now + this.clockOffset;
  }

  /** Judges what waits as it is. */
  giveUp(): void {
    this.#witness?.giveUp(0);
  }

  /** True where the frame may be acknowledged to its broker. */
  receive(bytes: Uint8Array): boolean {
    try {
      this.#witness?.receive(bytes);
      return this.isOn;
    } catch {
      return false; // the disk is full: the broker keeps the frame
    }
  }

  /** Throws where the disk is full. */
  keep(bytes: Uint8Array, frame: Frame): void {
    if (this.#isReading) return;
    this.disk.append(bytes);
    this.#init.observer.kept(frame);
  }

  #keepHouse(witness: Witness): void {
    this.#init.scheduler.after(HOUSEKEEPING, () => {
      if (this.#witness !== witness) return;
      witness.giveUp(PATIENCE);
      this.#keepHouse(witness);
    });
  }
}

/** Signatures that were good are good: a verifier that reads its disk again is spared the arithmetic. */
function remembering(checker: SignatureChecker): SignatureChecker {
  const good = new Set<string>();
  return {
    sha256: (data, into, at) => checker.sha256(data, into, at),
    verify(signature, digest, publicKey) {
      const text = `${latin1(signature)}${latin1(digest)}${latin1(publicKey)}`;
      if (good.has(text)) return true;
      const isGood = checker.verify(signature, digest, publicKey);
      if (isGood) good.add(text);
      return isGood;
    },
  };
}

const latin1 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
