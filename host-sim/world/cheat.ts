import { hex, kidOfKey } from "../../agent/cose/kid.js";
import { DIGEST_BYTES, PREV_BYTES } from "../../agent/frame/layout.js";
import { FrameWriter } from "../../agent/frame/write.js";
import type { Signer } from "../../agent/ports/signer.js";
import { CONFIGURATION, NETWORK } from "./agent-under-test.js";
import type { Broker } from "./broker.js";
import { EPOCH } from "./ports.js";
import type { Scheduler } from "./time.js";

/** Milliseconds from one round of tricks to the next. */
const ROUND = 20 * 60_000;
const FRAME_BYTES = 300;
const MONTH = 30 * 86_400;
/** What an honest frame of it reads; trick n reads n more. Hundredths of a degree. */
const HONEST = 1000;
const OUT_OF_RANGE = 9000;

const TRICKS = [
  "",
  "two frames for one place",
  "a chain that does not follow",
  "a forged signature",
  "a date to come",
];
const IMPOSSIBLE = "a reading that cannot be";

/**
 * An enrolled device in dishonest hands: it puts frames into brokers that a verifier must not take for right. Without it, nobody would
 * notice a verifier that takes everything.
 */
export class Cheat {
  readonly kid: string;
  readonly #signer: Signer;
  readonly #scheduler: Scheduler;
  readonly #brokers: readonly Broker[];
  readonly #writer: FrameWriter;
  readonly #prev = new Uint8Array(PREV_BYTES);
  #sequence = 0;

  constructor(signer: Signer, scheduler: Scheduler, brokers: readonly Broker[]) {
    const kid = kidOfKey(signer.publicKey, signer);
    this.kid = hex(kid);
    this.#signer = signer;
    this.#scheduler = scheduler;
    this.#brokers = brokers;
    this.#writer = new FrameWriter(NETWORK, kid, FRAME_BYTES);
  }

  start(): void {
    this.#scheduler.after(ROUND / 2, () => {
      this.#round();
      this.#scheduler.after(ROUND / 2, () => this.start());
    });
  }

  /** What is wrong with a frame that reads this, in degrees; undefined where nothing is. */
  trickOf(degrees: number | undefined): string | undefined {
    const hundredths = Math.round((degrees ?? 0) * 100);
    return hundredths === OUT_OF_RANGE ? IMPOSSIBLE : TRICKS[hundredths - HONEST] || undefined;
  }

  /** All into one broker, in order: should it lose them, it loses all. */
  #round(): void {
    const broker = this.#brokers.find(({ mailbox }) => mailbox !== undefined);
    if (broker?.mailbox === undefined) return;
    const { mailbox } = broker;
    const put = (frame: Uint8Array) => mailbox.put(frame);
    const sequence = this.#sequence;
    const honest = this.#frame(sequence, HONEST);
    put(honest);
    put(this.#frame(sequence, HONEST + 1));
    const astray = this.#frame(sequence + 1, HONEST + 2); // prev is that of before `honest`
    put(astray);
    this.#follow(astray);
    const forged = this.#frame(sequence + 2, HONEST + 3);
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1;
    put(forged);
    this.#sequence = sequence + 2;
    for (const [hundredths, later] of [
      [HONEST + 4, MONTH],
      [OUT_OF_RANGE, 0],
    ] as const) {
      const frame = this.#frame(this.#sequence++, hundredths, later);
      put(frame);
      this.#follow(frame);
    }
    broker.pump();
  }

  #follow(frame: Uint8Array): void {
    const digest = new Uint8Array(DIGEST_BYTES);
    this.#signer.sha256(frame, digest, 0);
    this.#prev.set(digest.subarray(0, PREV_BYTES));
  }

  /** `later`: seconds. */
  #frame(sequence: number, hundredths: number, later = 0): Uint8Array {
    const uptime = Math.floor(this.#scheduler.now / 1000);
    const time = EPOCH / 1000 + uptime + later;
    this.#writer.begin(
      {
        boot: 1,
        sequence,
        prev: this.#prev,
        uptime,
        clock: 2,
        time,
        configuration: CONFIGURATION,
        dropped: [],
      },
      1,
    );
    this.#writer.reading("temperature", "Cel", hundredths, -2, 0);
    return this.#writer.finish(this.#signer).slice();
  }
}
