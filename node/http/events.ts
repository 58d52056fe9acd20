import { Readable } from "node:stream";
import type { WitnessEvent, WitnessView } from "../../network/witness/view.js";
import { visibleJson } from "../../text/visible.js";
import { frameRecord, rejectionRecord } from "./formats/frame.js";
import type { Limits } from "./limits.js";
import { Slots } from "./slots.js";

/** Milliseconds after which a browser that was cut off comes back. */
const RETRY = 5000;

interface Listener {
  readonly stream: Readable;
  /** Of the device whose frames alone are wanted. */
  readonly kid: string | undefined;
}

/**
 * Passes on what arrives, as server-sent events (HTML Living Standard, §9.2). The view is listened
 * to as long as anybody listens here, and each event is written once for all of them. A listener
 * that reads too slowly is dropped: nothing is left out in silence.
 */
export class EventHub {
  readonly #view: WitnessView;
  readonly #limits: Limits;
  readonly #slots: Slots;
  readonly #listeners = new Set<Listener>();
  readonly #report: (error: unknown) => void;
  #leave: (() => void) | undefined;
  #heart: NodeJS.Timeout | undefined;
  #dropped = 0;

  constructor(view: WitnessView, limits: Limits, report: (error: unknown) => void) {
    this.#view = view;
    this.#limits = limits;
    this.#slots = new Slots("event streams", limits.listeners, limits.listenersEach);
    this.#report = report;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Those that were too slow, so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** A stream of events for one listener. Throws HttpProblem 503 where there are too many. */
  open(address: string, kid: string | undefined): Readable {
    const release = this.#slots.take(address);
    const listener: Listener = { stream: new Readable({ read() {} }), kid };
    listener.stream.once("close", () => {
      release();
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    });
    this.#listeners.add(listener);
    if (this.#leave === undefined) this.#start();
    listener.stream.push(`retry: ${RETRY}\n\n`);
    return listener.stream;
  }

  /** Ends all streams. */
  close(): void {
    for (const { stream } of this.#listeners) stream.destroy();
  }

  #start(): void {
    this.#leave = this.#view.listen((event) => {
      try {
        this.#pass(event);
      } catch (error) {
        this.#report(error); // the witness that arrivals come from goes on
      }
    });
    this.#heart = setInterval(() => this.#send(":\n\n", () => true), this.#limits.heartbeat);
    this.#heart.unref();
  }

  #stop(): void {
    this.#leave?.();
    this.#leave = undefined;
    clearInterval(this.#heart);
  }

  #pass(event: WitnessEvent): void {
    const kid = event.type === "frame" ? event.frame.kid : undefined;
    const record = event.type === "frame" ? frameRecord(event.frame) : rejectionRecord(event.rejection);
    this.#send(
      `event: ${event.type}\ndata: ${visibleJson(record)}\n\n`,
      (listener) => listener.kid === undefined || listener.kid === kid,
    );
  }

  /** The bytes are the same for all, and in memory once, however many wait for them. */
  #send(text: string, isFor: (listener: Listener) => boolean): void {
    const bytes = Buffer.from(text);
    for (const listener of this.#listeners) {
      if (!isFor(listener)) continue;
      listener.stream.push(bytes);
      if (listener.stream.readableLength <= this.#limits.backlog) continue;
      this.#dropped++;
      this.#listeners.delete(listener); // its stream's end comes later
      listener.stream.destroy();
    }
  }
}
