import UDP from "embedded:io/socket/udp";
import Net from "net";
import type { Clock, Timer } from "../../agent/ports/clock.js";
import { isPlausible } from "../../agent/time-of-day.js";
import { random } from "../ports/native.js";
import { judgeNtp, type NetworkTime, NONCE_BYTES, ntpRequest, type SntpOutcome } from "./ntp.js";

const NTP_PORT = 123;
/** Questions of a round; milliseconds for each, and from an answer to the next question (RFC 5905 §13, as a first burst). */
const QUESTIONS = 5;
const ANSWER_LIMIT = 5000;
const PAUSE = 2000;
/** Milliseconds by which two answers may differ beyond what each can be off by: timers, and a crystal in 2 s. */
const AGREE = 250;

/** ECMA-419's UDP (§12.3), as far as it is needed; the SDK's declarations leave out `close`, and that `read` has an end. */
interface UdpSocket {
  write(packet: Uint8Array, address: string, port: number): void;
  read(): ArrayBuffer | undefined;
  close(): void;
}
const Udp = UDP as unknown as new (options: { onReadable: () => void }) => UdpSocket;

/**
 * One round of questions to a time server (RFC 5905 §14, a client without a clock discipline). The SDK's client believes whatever
 * comes first: any stratum, any date, and whoever sends it. The name is looked up for each question: a pool's servers are many.
 */
export class SntpRound {
  readonly #host: string;
  readonly #clock: Clock;
  readonly #earliest: number;
  readonly #done: (outcome: SntpOutcome) => void;
  readonly #nonce = new Uint8Array(NONCE_BYTES);
  readonly #answers: NetworkTime[] = [];
  readonly #udp: UdpSocket;
  #asked = 0;
  #sentAt = 0;
  #reason = "no answer";
  #timer: Timer | undefined;
  #isOver = false;

  /** Throws where there is no socket. `done`: once, never from inside. */
  constructor(host: string, clock: Clock, earliest: number, done: (outcome: SntpOutcome) => void) {
    this.#host = host;
    this.#clock = clock;
    this.#earliest = earliest;
    this.#done = done;
    this.#udp = new Udp({ onReadable: () => this.readable() });
    this.#timer = clock.setTimer(() => this.ask(), 0);
  }

  private ask(): void {
    if (this.#asked >= QUESTIONS) {
      this.end({ reason: this.#reason });
      return;
    }
    const question = ++this.#asked;
    this.#timer = this.#clock.setTimer(() => this.ask(), ANSWER_LIMIT);
    try {
      Net.resolve(this.#host, (_name, address) => {
        // Another question may be open by the time that a slow resolver answers.
        if (this.#isOver || this.#asked !== question) return;
        if (address === undefined) this.#reason = `cannot find ${this.#host}`;
        else this.send(address);
      });
    } catch {
      this.#reason = "no room for another look-up"; // the SDK's queue is full
    }
  }

  private send(address: string): void {
    random(this.#nonce);
    this.#sentAt = this.#clock.uptime();
    try {
      this.#udp.write(ntpRequest(this.#nonce), address, NTP_PORT);
    } catch (error) {
      this.#reason = String(error);
    }
  }

  private readable(): void {
    const now = this.#clock.uptime();
    for (
      let packet = this.#udp.read();
      packet !== undefined;
      packet = this.#isOver ? undefined : this.#udp.read()
    )
      this.heard(new Uint8Array(packet), now);
  }

  private heard(packet: Uint8Array, now: number): void {
    const answer = judgeNtp(packet, this.#nonce, now - this.#sentAt, this.#earliest);
    if (answer === undefined) return;
    random(this.#nonce); // the same answer again is none
    if ("refused" in answer) {
      this.#reason = answer.refused;
      if (answer.isKiss) this.end({ reason: answer.refused, isKiss: true });
      return;
    }
    const { unix, error } = answer;
    if (!isPlausible(unix, this.#earliest)) {
      this.#reason = `${new Date(unix).toISOString()} cannot be`;
      return;
    }
    const time: NetworkTime = { epoch: unix - now, error };
    for (const other of this.#answers)
      if (Math.abs(other.epoch - time.epoch) <= other.error + error + AGREE) {
        this.end({ time: error <= other.error ? time : other });
        return;
      }
    if (this.#answers.length > 0) this.#reason = "no two answers agree";
    else this.#reason = "one answer only";
    this.#answers.push(time);
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = this.#clock.setTimer(() => this.ask(), PAUSE);
  }

  /** The socket is closed later: it may be in the middle of a callback. */
  private end(outcome: SntpOutcome): void {
    this.#isOver = true;
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = this.#clock.setTimer(() => {
      this.#udp.close();
      this.#done(outcome);
    }, 0);
  }
}
