import { hex, isSameBytes } from "../../agent/cose/kid.js";
import { CLOCK_UNSET } from "../../agent/frame/chain.js";
import { createFrameChecker } from "../../agent/frame/check.js";
import { DIGEST_BYTES, PREV_BYTES } from "../../agent/frame/layout.js";
import { type Frame, parseFrame } from "../../agent/frame/parse.js";
import type { Verdict } from "../../agent/frame/verdict.js";
import { configurationReason, excuseConfiguration, noteConfiguration } from "./boot-configurations.js";
import type { FrameStanding, Settled } from "./chain.js";
import { jumpAmong } from "./clock-watch.js";
import { DETAILS, FORK, GAP } from "./details.js";
import { bytesOf, createDevice, type Device, timeOf } from "./device.js";
import { Item } from "./item.js";
import type { JudgeInit, Kept, Origin, Reception } from "./judge-init.js";
import { describe, describeReadings, withArrival } from "./judgement.js";
import type { Fate } from "./missing.js";
import { readingReason } from "./reading-reasons.js";
import type { Enrolled, Registry } from "./registry.js";
import { Shares } from "./shares.js";
import type { BoardStatus } from "./status.js";

/** Frames dated later than this after the judge's own clock are `future`. Seconds. */
const FUTURE_TOLERANCE = 300;
/**
 * Milliseconds to wait, at most, for what belongs before the first frame of a device that is seen: brokers race each
 * other for moments, but frames from before this judge's time do not come.
 */
const NEW_PATIENCE = 1000;
/** What a look at a device that waits for nothing is, in frames that are judged. */
const LOOK = 1 / 50;
/** Judgements of one device that wait for a date: see `#release`. */
const UNDATED = 64;
/** Bytes that all that is known of all devices may take. */
const MEMORY = 256 << 20;
/** Of these the part that is free for devices that take little. */
const AHEAD = 64;

/** Judges frames and trusts no one who carries them. */
export class Judge {
  readonly #init: JudgeInit;
  #registry: Registry;
  readonly #checker;
  readonly #uptime: () => number;
  readonly #devices = new Map<string, Device>();
  /** Where `look` goes on. */
  #asked: Iterator<[string, Device]> | undefined;
  /** Where `giveUp` goes on, of several calls. */
  #impatient: Iterator<Device> | undefined;
  #unfinished: Device | undefined;
  /** What each takes. */
  readonly #shares = new Shares<Device>();
  readonly #digest = new Uint8Array(DIGEST_BYTES);

  constructor(init: JudgeInit) {
    this.#init = init;
    const { registry, signatures, now, uptime = now } = init;
    this.#uptime = uptime;
    this.#registry = registry;
    this.#checker = createFrameChecker(
      { network: registry.network, publicKey: (kid) => this.#registry.device(hex(kid))?.publicKey },
      signatures,
    );
  }

  /**
   * Another registry of the same network is in force from now on. What is known of a device's chain stays, also while it is not
   * enrolled.
   */
  enrol(registry: Registry): void {
    this.#registry = registry;
    for (const [kid, device] of this.#devices) device.enrolled = registry.device(kid) ?? device.enrolled;
  }

  /** Judges one frame, now or when what belongs before it has come. Keeps nothing of `bytes`. */
  receive(bytes: Uint8Array, origin?: Origin): Reception {
    const claim = this.#checker.read(bytes);
    if ("failure" in claim) {
      const { verdict, detail, frame } = claim.failure;
      if (verdict === "unknown-device" && this.#init.setAside?.(frame as Frame, origin) === true)
        return "set-aside";
      return this.#refuse(verdict, detail, bytes, frame, origin);
    }
    const { frame } = claim;
    const device = this.#device(hex(frame.kid));
    const item = new Item(frame, this.#hash(bytes), origin);
    const standing = this.#standing(device, item, bytes);
    // The very bytes that were judged before need no second look at their signature.
    if (standing !== "duplicate" && !this.#checker.isSigned(claim)) {
      const detail = "the signature is not the device's over these bytes";
      return this.#refuse("bad-signature", detail, bytes, frame, origin);
    }
    if (standing === "equivocation" && device.chain.isEvidence(item)) {
      this.#init.evidence?.(bytes, frame);
      device.chain.keepEvidence(item);
    }
    if (standing !== "new" && standing !== "passed") {
      this.#judge(device, item, standing, DETAILS[standing], bytes);
      return standing;
    }
    this.#init.keep(bytes, frame, origin);
    this.#take(device, item, standing);
    item.rest();
    this.#weigh(device);
    return "kept";
  }

  /** Beside what is remembered and what is kept. */
  #standing({ chain }: Device, item: Item, bytes: Uint8Array): FrameStanding {
    const standing = chain.standing(item);
    if (standing !== "passed" && standing !== "late") return standing;
    const kept = this.#init.keptAt?.(item.frame);
    if (kept === undefined) return standing;
    return isSameBytes(kept, bytes) ? "duplicate" : "equivocation";
  }

  /** A frame that is authentic and kept gets its place in the chain. */
  #take(device: Device, item: Item, standing: "new" | "passed"): void {
    const { frame } = item;
    if (frame.configuration !== undefined)
      noteConfiguration(device.configurations, frame.boot, frame.configuration);
    if (standing === "passed") this.#fill(device, item);
    else this.#add(device, item);
    this.#tellDeclared(device, frame);
  }

  /** Judges what is kept of an enrolled device and has no judgement yet, though no frame of it comes. */
  wake(kid: string): void {
    if (this.#registry.device(kid) !== undefined) this.#device(kid);
  }

  /** What was kept of a device before this judge's time. */
  #recall(device: Device, kept: Iterable<Kept>): void {
    let isAny = false;
    for (const { bytes, origin } of kept) {
      const parsed = parseFrame(bytes);
      if ("failure" in parsed) continue;
      const item = new Item(parsed.frame, this.#hash(bytes), origin);
      const standing = device.chain.standing(item);
      if (standing !== "new" && standing !== "passed") continue;
      isAny = true;
      this.#take(device, item, standing);
      item.rest();
      // What was judged waits for nothing any more.
      for (const settled of device.chain.giveUp("old")) this.#date(device, settled);
    }
    if (isAny) this.#weigh(device);
  }

  #add(device: Device, item: Item): void {
    let progress = device.chain.add(item) || device.chain.waiting === 1;
    for (const settled of device.chain.settled()) {
      this.#date(device, settled);
      progress = true;
    }
    if (progress) device.waitingSince = this.#uptime();
  }

  /** What came before its time between two others is linked to them, or waits, or never will be. */
  #fill(device: Device, item: Item): void {
    const { chain } = device;
    const around = chain.around(item.frame);
    item.isPassed = true;
    item.jump = around && jumpAmong(around.before, item.frame, around.after);
    const isLinked = chain.fill(item, (held) => this.#settle(device, { item: held, link: "linked" }));
    device.heldSince = this.#uptime();
    if (isLinked === true) this.#settle(device, { item, link: "linked" });
    else if (isLinked === false) this.#leave(device, item);
    else if (chain.isOverfull) this.#leaveHeld(device);
  }

  #leave(device: Device, item: Item): void {
    this.#judge(device, item, "late", "its place in the chain was passed, and it follows no frame there");
  }

  #leaveHeld(device: Device): void {
    for (const item of device.chain.release()) this.#leave(device, item);
  }

  /** Frames without a judgement yet, because something that belongs beside them is missing, or a date. */
  get waiting(): number {
    let waiting = 0;
    for (const { chain, undated } of this.#devices.values())
      waiting += chain.waiting + chain.held + undated.length;
    return waiting;
  }

  /** Bytes that all that is known of all devices takes, as it is counted. */
  get memory(): number {
    return this.#shares.total;
  }

  /**
   * Stops waiting for whatever has been waited for `patience` milliseconds; 0: for anything. `most`: frames that are judged before it
   * returns, or a few more of one device. False where some are left for the next call.
   */
  giveUp(patience: number, most = Number.POSITIVE_INFINITY): boolean {
    const isWhole = most === Number.POSITIVE_INFINITY;
    if (isWhole || this.#impatient === undefined) this.#impatient = this.#devices.values();
    // The clock may go back, so 0 does not look at it.
    const before = patience === 0 ? Number.POSITIVE_INFINITY : this.#uptime() - patience;
    const beforeNew = Math.max(before, this.#uptime() - NEW_PATIENCE);
    let left = most;
    for (;;) {
      const device = this.#unfinished ?? this.#impatient.next().value;
      this.#unfinished = undefined;
      if (device === undefined) {
        this.#impatient = undefined;
        return true;
      }
      if (left <= 0) {
        this.#unfinished = device;
        return false;
      }
      left -= LOOK;
      const { chain } = device;
      const isOver = chain.waiting > 0 && device.waitingSince <= (chain.isNew ? beforeNew : before);
      const isUndated = device.undated.length > 0 && device.undatedSince <= before;
      const isHeld = chain.held > 0 && device.heldSince <= before;
      if (!isOver && !isUndated && !isHeld) continue;
      if (isOver && chain.isNew && device.waitingSince > before) {
        left -= this.#begin(device);
        this.#weigh(device);
        continue;
      }
      if (isOver)
        for (const settled of chain.giveUp()) {
          this.#date(device, settled);
          if (--left <= 0) break;
        }
      if (isOver && chain.waiting > 0) this.#unfinished = device;
      if (isUndated) left -= this.#release(device);
      if (isHeld) this.#leaveHeld(device);
      this.#weigh(device);
    }
  }

  /**
   * The chain of a device that is new begins with the first frame that came: what belongs before it
   * does not come. What is missing after it may, and gets the whole patience. Returns how many were
   * judged.
   */
  #begin(device: Device): number {
    const { chain } = device;
    const waiting = chain.waiting;
    for (const settled of chain.giveUp()) {
      this.#date(device, settled);
      break;
    }
    for (const settled of chain.settled()) this.#date(device, settled);
    device.waitingSince = this.#uptime();
    return waiting - chain.waiting;
  }

  /**
   * What a device takes is counted; where all take too much, those that take most give way. That takes
   * time: a device that takes less than others waits for it only where these have left no room.
   */
  #weigh(device: Device): void {
    const { memory = MEMORY } = this.#init;
    const bytes = bytesOf(device);
    this.#shares.set(device, bytes);
    const most = bytes > this.#shares.mean ? memory - memory / AHEAD : memory;
    while (this.#shares.total > most) {
      const largest = this.#shares.largest();
      if (largest === undefined || !this.#shrink(largest)) return;
      this.#shares.set(largest, bytesOf(largest));
    }
  }

  /** False where there is nothing more to take. */
  #shrink(device: Device): boolean {
    const { chain } = device;
    if (chain.waiting > 0) {
      for (const settled of chain.giveUp()) {
        this.#date(device, settled);
        break;
      }
    } else if (device.undated.length > 0) this.#release(device);
    else if (chain.held > 0) this.#leaveHeld(device);
    else return chain.forget();
    return true;
  }

  /** Somebody says, unsigned, how a device does. No verdict goes by it. */
  hear(kid: string, status: BoardStatus): void {
    if (this.#registry.device(kid) !== undefined) this.#device(kid).chain.hear(status, this.#uptime());
  }

  /**
   * Tells news of missing frames. What boards say that they handed on is given `patience`
   * milliseconds to come. `most`: devices that are looked at, the others in the next calls.
   */
  look(patience: number, most = Number.POSITIVE_INFINITY): void {
    const given = this.#uptime() - patience;
    if (most === Number.POSITIVE_INFINITY || this.#asked === undefined) this.#asked = this.#devices.entries();
    for (let left = most; left > 0; left--) {
      const entry = this.#asked.next().value;
      if (entry === undefined) {
        this.#asked = undefined;
        return;
      }
      const [kid, { chain }] = entry;
      for (const missing of chain.look(given)) this.#init.missing?.(kid, missing);
    }
  }

  /** What is known of each gap in a device's chain that no loss explained when it was given up. */
  get fates(): (Fate["type"] | undefined)[] {
    return [...this.#devices.values()].flatMap(({ chain }) => chain.fates);
  }

  #tellDeclared({ chain }: Device, frame: Frame): void {
    for (const missing of chain.declared(frame)) this.#init.missing?.(hex(frame.kid), missing);
  }

  #device(kid: string): Device {
    let device = this.#devices.get(kid);
    if (device === undefined) {
      const { room, since } = this.#init;
      device = createDevice(this.#registry.device(kid) as Enrolled, room, since);
      this.#devices.set(kid, device);
      this.#shares.set(device, bytesOf(device));
      const kept = this.#init.recall?.(kid);
      if (kept !== undefined) this.#recall(device, kept);
    }
    return device;
  }

  /** First 16 bytes of SHA-256, in hex: what the next frame's `prev` must be. */
  #hash(bytes: Uint8Array): string {
    this.#init.signatures.sha256(bytes, this.#digest, 0);
    return hex(this.#digest.subarray(0, PREV_BYTES));
  }

  /**
   * A frame of a board whose clock was not set waits for a frame of the same boot that has a time: then it is dated
   * by the difference of their uptimes.
   */
  #date(device: Device, settled: Settled<Item>): void {
    const { boot, clock, time, uptime } = settled.item.frame;
    if (boot !== device.boot) {
      this.#release(device);
      device.boot = boot;
      device.bootedAt = undefined;
    }
    if (clock !== CLOCK_UNSET) {
      // A clock that is wrong dates no other frame.
      if (this.#futureReason(time as number) === undefined) device.bootedAt = (time as number) - uptime;
      this.#release(device);
    }
    if (clock !== CLOCK_UNSET || device.bootedAt !== undefined) {
      this.#settle(device, settled);
      return;
    }
    if (device.undated.push(settled) === 1) device.undatedSince = this.#uptime();
    device.undatedBytes += settled.item.takes;
    settled.item.rest();
    if (device.undated.length > UNDATED) this.#release(device);
  }

  /** Judges what waits for a date, and says how many those are. */
  #release(device: Device): number {
    const released = device.undated;
    if (released.length === 0) return 0;
    device.undated = [];
    device.undatedBytes = 0;
    for (const settled of released) this.#settle(device, settled);
    return released.length;
  }

  #settle(device: Device, { item, link, isFork = false }: Settled<Item>): void {
    const { frame } = item;
    const time = timeOf(device, frame);
    const future = time === null ? undefined : this.#futureReason(time);
    const jump = item.isPassed ? item.jump : device.clock.jump(frame, future !== undefined);
    if (link === "broken") {
      this.#judge(device, item, "broken-chain", isFork ? FORK : GAP);
      return;
    }
    // The first frame of its boot came before this judge's time, or is declared lost by a later boot.
    const { boot, sequence } = frame;
    if ((link === "joined" || link === "declared-gap") && sequence > 0)
      excuseConfiguration(device.configurations, boot);
    const [verdict, reason] = this.#findingOf(device, frame, time, future, jump);
    const isFollowed = verdict === "ok" && link === "joined";
    this.#judge(device, item, verdict, isFollowed ? "the chain is followed from here on" : reason);
  }

  /** What is wrong with a frame that is a good part of its chain: the first that applies. */
  #findingOf(
    device: Device,
    frame: Frame,
    time: number | null,
    future: string | undefined,
    jump: string | undefined,
  ): [Verdict, string | undefined] {
    if (future !== undefined) return ["future", future];
    if (jump !== undefined) return ["clock-jump", jump];
    const configuration = configurationReason(
      device.configurations,
      frame.boot,
      device.enrolled.configurations,
    );
    if (configuration !== undefined) return ["unknown-configuration", configuration];
    const range = readingReason(device.enrolled, frame, time);
    return range === undefined ? ["ok", undefined] : ["out-of-range", range];
  }

  #futureReason(time: number): string | undefined {
    const ahead = time - this.#init.now() / 1000;
    return ahead > FUTURE_TOLERANCE ? `dated ${Math.round(ahead)} s after the judge's clock` : undefined;
  }

  #refuse(
    verdict: Verdict,
    detail: string,
    bytes: Uint8Array,
    frame: Frame | undefined,
    origin: Origin | undefined,
  ): Verdict {
    const device = frame === undefined ? undefined : this.#registry.device(hex(frame.kid));
    const judgement = {
      ok: false,
      verdict,
      detail,
      device: device?.did ?? null,
      ...(frame !== undefined && describe(frame, frame.time ?? null)),
      bytes: bytes.length,
    };
    this.#init.judged(withArrival(judgement, origin), origin, bytes);
    return verdict;
  }

  #judge(device: Device, item: Item, verdict: Verdict, detail?: string, refused?: Uint8Array): void {
    const { frame, origin } = item;
    const time = timeOf(device, frame);
    const judgement = {
      ok: verdict === "ok",
      verdict,
      ...(detail !== undefined && { detail }),
      device: device.enrolled.did,
      site: device.enrolled.site,
      ...describe(frame, time),
      readings: describeReadings(frame.readings, time),
    };
    this.#init.judged(withArrival(judgement, origin), origin, refused);
    item.judged();
  }
}
