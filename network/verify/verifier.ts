import { hex } from "../../agent/cose/kid.js";
import { type Frame, parseFrame } from "../../agent/frame/parse.js";
import type { Verdict } from "../../agent/frame/verdict.js";
import type { Clock, Timer } from "../../agent/ports/clock.js";
import type { Hasher, SignatureChecker } from "../../agent/ports/signer.js";
import { digestText } from "../bytes.js";
import type { Evidence, FrameFile } from "../ports/frame-file.js";
import type { FrameStore, OpenFrameStore, Recovery } from "../ports/frame-store.js";
import type { Subscribe, Subscriber } from "../ports/subscription.js";
import { Judge } from "./judge.js";
import type { Origin } from "./judge-init.js";
import { type Arrival, describe, type Judgement } from "./judgement.js";
import type { Missing } from "./missing.js";
import { Quarantine } from "./quarantine.js";
import type { Registry } from "./registry.js";
import { readStatus } from "./status.js";
import { type Alarm, Vigil } from "./vigil.js";

/** Milliseconds that a frame may wait for what belongs before it, where nothing else is said. */
const PATIENCE = 30_000;
/** Milliseconds that what a board says it has handed on gets to come: brokers race each other. */
const ON_THE_WAY = 5000;
/** Devices of which is looked in one second what became of frames that are missing; of more, the others in the next. */
const LOOKED_AT = 1000;
/** Milliseconds from one look after the waiting frames and the file to the next. */
const HOUSEKEEPING = 1000;
/** Frames that are given up at a time; and how many times as long others have their turn then, in milliseconds at least. */
const GIVEN_UP = 4;
const BREATH = 10;
const LEAST_BREATH = 2;
/** Frames of which is remembered why they were refused: brokers and strangers bring the same ones again. */
const REFUSED = 4096;
/** Milliseconds between two words about frames that were given up. */
const DROPPED_WORD = 10_000;

export interface VerifierInit {
  readonly registry: Registry;
  readonly signatures: SignatureChecker;
  readonly clock: Clock;
  /** Each subscribes to one broker. */
  readonly sources: readonly Subscribe[];
  /**
   * Authentic frames are appended to it; what is in it is taken as seen. Left out: nothing is kept.
   */
  readonly openStore?: OpenFrameStore | undefined;
  /** Keeps frames that contradict others of their device: the proof that its key is misused. */
  readonly evidence?: Evidence | undefined;
  /** Frames that were in the store already are told, too, before `createVerifier` returns. */
  readonly replay?: boolean | undefined;
  /**
   * Bytes of frames of unknown devices that are set aside until these are enrolled, and what keeps
   * them meanwhile. Left out or 0: none, they are judged at once.
   */
  readonly quarantine?: number | undefined;
  readonly quarantineFile?: FrameFile | undefined;
  /** Milliseconds that a frame may wait for what belongs before it; left out: 30 s. */
  readonly patience?: number | undefined;
  /** Bytes that one device's waiting frames may take; left out: as DeviceChain has it. */
  readonly room?: number | undefined;
  /**
   * Told once of each frame, however often it comes; never of one that was in the store already,
   * but for `replay`. `refused`: its bytes, where nothing of it is kept.
   */
  readonly judged: (judgement: Judgement, refused?: Uint8Array) => void;
  /**
   * A frame came again, with a judgement that was told before. What else is known of it, where it
   * was judged once more.
   */
  readonly repeated?: (verdict: Verdict, broker: string, judgement?: Judgement) => void;
  readonly notice?: (notice: Notice) => void;
  /** Where it is left out, nobody looks for what does not come. */
  readonly alarm?: (alarm: Alarm) => void;
  /** Told once what became of frames that never came; where it is left out, nobody asks boards for that. */
  readonly missing?: (kid: string, missing: Missing) => void;
  readonly state: (broker: string, state: "subscribed" | "lost", reason: string) => void;
  /** The verifier cannot go on, for instance because the store is full. Told once. */
  readonly failed: (error: Error) => void;
}

export type Notice =
  /** Frames of this device wait until it is enrolled. Told of its first one. */
  | { readonly type: "stranger"; readonly judgement: Judgement }
  /** The quarantine is full: so many frames were given up since this was last told. */
  | { readonly type: "dropped"; readonly frames: number };

export interface Verifier {
  /** What the store held. */
  readonly recovery: Recovery;
  /** Frames that wait for what belongs before them. */
  readonly waiting: number;
  /** Frames of devices that are not enrolled. */
  readonly quarantined: number;
  /** Brokers that deliver now. */
  readonly subscribed: number;
  /** Gaps in chains that no loss explained when they were given up, by what is known of the frames. */
  readonly gaps: Gaps;
  /** Another registry of the same network is in force: frames that waited for it are judged. */
  enrol(registry: Registry): void;
  /** Judges what waits as it is. */
  giveUp(): void;
  /** Publishes to all brokers that are connected. */
  publish(topic: string, message: Uint8Array): void;
  /**
   * Judges what waits as it is, then closes, within seconds, whatever brokers do. `forget`: they keep nothing for this
   * verifier any more. Where the store cannot be written `failed` is told before this resolves.
   */
  close(forget: boolean): Promise<void>;
}

export interface Gaps {
  readonly lost: number;
  readonly leftOut: number;
  readonly queued: number;
  readonly unknown: number;
}

/** Subscribes to all brokers, judges every frame once, keeps the authentic ones. */
export function createVerifier(init: VerifierInit): Verifier {
  const { registry, signatures, clock, sources, openStore, evidence, replay = false } = init;
  const { quarantine: room = 0, quarantineFile: file, patience = PATIENCE } = init;
  let hasFailed = false;
  const failed = (error: Error) => {
    if (hasFailed) return;
    hasFailed = true;
    init.failed(error);
  };
  let store: FrameStore | undefined;
  const dropped = { frames: 0, toldAt: Number.NEGATIVE_INFINITY };
  let isQuarantineStale = false;
  const quarantine = new Quarantine(room, signatures, ({ bytes }) => {
    dropped.frames++;
    isQuarantineStale = file?.wasted(bytes.length) ?? false;
  });
  /** Digests of the frames in the evidence file. */
  const proven = new Set<string>();
  const refused = new Refused(signatures);
  const vigil = init.alarm === undefined ? undefined : new Vigil(registry, init.alarm);
  const seconds = () => clock.uptime() / 1000;
  const unix = () => clock.wall().unix;
  let isRecovering = true;
  /** Kids of frames in the store whose device is not enrolled now. */
  const formerly = new Set<string>();

  const judge = new Judge({
    registry,
    signatures,
    now: unix,
    uptime: () => clock.uptime(),
    since: unix() / 1000,
    ...(init.room !== undefined && { room: init.room }),
    keep(bytes, frame, origin) {
      if (isRecovering) return;
      store?.append(bytes, frame, origin as Arrival | undefined);
      vigil?.frame(frame, seconds(), unix() / 1000);
    },
    evidence(bytes) {
      const digest = digestText(bytes, signatures);
      if (isRecovering || proven.has(digest)) return;
      evidence?.append(bytes);
      proven.add(digest);
    },
    judged(judgement, origin, refused) {
      if (origin === "store" && !replay) return;
      if (refused === undefined) store?.judged?.(judgement);
      if (judgement.verdict === "duplicate") init.repeated?.("duplicate", judgement.broker ?? "", judgement);
      else init.judged(judgement, refused);
    },
    recall: (kid) => store?.recall?.(kid) ?? [],
    keptAt: (frame) => store?.at?.(frame),
    missing: (kid, missing) => init.missing?.(kid, missing),
    setAside(frame, origin) {
      if (origin === "store") {
        formerly.add(hex(frame.kid));
        return true;
      }
      if (room === 0) return false;
      const standing = quarantine.add(frame, origin);
      if (isRecovering) return true;
      if (standing === "again") init.repeated?.("duplicate", origin?.broker ?? "");
      else file?.append(frame.bytes);
      if (standing === "first") init.notice?.({ type: "stranger", judgement: strangerOf(frame, origin) });
      return true;
    },
  });

  /** What is in quarantine now, and no more, is in its file. */
  function tidy(): void {
    file?.rewrite(quarantined());
    isQuarantineStale = false;
  }
  function* quarantined(): Generator<Uint8Array> {
    for (const { bytes } of quarantine.held()) yield bytes;
  }

  let recovery: Recovery = { frames: 0, torn: 0 };
  if (openStore !== undefined) ({ store, recovery } = openStore((frame) => judge.receive(frame, "store")));
  if (evidence !== undefined) for (const frame of evidence.read()) proven.add(digestText(frame, signatures));
  if (file !== undefined) {
    for (const frame of file.read()) judge.receive(frame);
    tidy();
  }
  isRecovering = false;
  for (const kid of store?.undecided?.() ?? [])
    if (registry.device(kid) === undefined) formerly.add(kid);
    else judge.wake(kid);

  function receive(bytes: Uint8Array, origin: Arrival): void {
    const before = refused.verdictOf(bytes);
    if (before !== undefined) {
      init.repeated?.(before, origin.broker);
      return;
    }
    const reception = judge.receive(bytes, origin);
    if (reception !== "kept" && reception !== "set-aside" && reception !== "duplicate")
      refused.add(bytes, reception);
  }
  function hear(bytes: Uint8Array, kid: string): void {
    const status = readStatus(bytes);
    if (status !== undefined) judge.hear(kid, status);
  }
  const subscribers: Subscriber[] = sources.map((subscribe) => {
    const subscriber: Subscriber = subscribe({
      frame(bytes, topic) {
        receive(bytes, { broker: subscriber.broker, topic, received: unix() / 1000 });
        return store?.durable?.();
      },
      status: init.missing && hear,
      state(broker, state, reason) {
        vigil?.broker(broker, state === "subscribed", reason, seconds());
        init.state(broker, state, reason);
      },
      failed,
    });
    return subscriber;
  });
  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      failed(error as Error);
    }
  }
  function tellDropped(): void {
    if (dropped.frames === 0) return;
    init.notice?.({ type: "dropped", frames: dropped.frames });
    dropped.frames = 0;
    dropped.toldAt = clock.uptime();
  }
  /** Set while some are left to be given up. */
  let more: Timer | undefined;
  /** Many devices may run out of patience together: the others do not wait until all of theirs is judged. */
  function giveUp(): void {
    more = undefined;
    const start = clock.uptime();
    attempt(() => {
      if (judge.giveUp(patience, GIVEN_UP)) return;
      const breath = BREATH * (clock.uptime() - start);
      more = clock.setTimer(giveUp, Math.max(LEAST_BREATH, breath));
    });
  }
  let housekeeping: Timer;
  function keepHouse(): void {
    housekeeping = clock.setTimer(keepHouse, HOUSEKEEPING);
    if (more === undefined) giveUp();
    attempt(() => {
      judge.look(ON_THE_WAY, LOOKED_AT);
      vigil?.look(seconds());
      store?.sync();
      if (isQuarantineStale) tidy();
      if (clock.uptime() - dropped.toldAt >= DROPPED_WORD) tellDropped();
    });
  }
  housekeeping = clock.setTimer(keepHouse, HOUSEKEEPING);

  /** Frames in the store of devices that were not enrolled when it was read, and are now. */
  function recall(kids: ReadonlySet<string>): void {
    if (kids.size === 0 || store === undefined) return;
    for (const kid of kids) formerly.delete(kid);
    if (store.recall !== undefined) {
      for (const kid of kids) judge.wake(kid);
      return;
    }
    isRecovering = true;
    store.replay((bytes) => {
      const parsed = parseFrame(bytes);
      if ("frame" in parsed && kids.has(hex(parsed.frame.kid))) judge.receive(bytes, "store");
    });
    isRecovering = false;
  }

  return {
    recovery,
    get waiting() {
      return judge.waiting;
    },
    get quarantined() {
      return quarantine.frames;
    },
    get subscribed() {
      return subscribers.filter(({ subscribed }) => subscribed).length;
    },
    get gaps() {
      const { fates } = judge;
      const of = (type: (typeof fates)[number]) => fates.filter((fate) => fate === type).length;
      return {
        lost: of("lost"),
        leftOut: of("left-out"),
        queued: of("queued"),
        unknown: of(undefined),
      };
    },
    enrol(next) {
      attempt(() => {
        const isEnrolled = (kid: string) => next.device(kid) !== undefined;
        judge.enrol(next);
        vigil?.enrol(next, seconds());
        refused.clear();
        recall(new Set([...formerly].filter(isEnrolled)));
        const enrolled = quarantine.kids.filter(isEnrolled);
        for (const kid of enrolled)
          for (const { bytes, origin } of quarantine.take(kid)) judge.receive(bytes, origin);
        if (enrolled.length > 0) tidy();
      });
    },
    giveUp: () => attempt(() => judge.giveUp(0)),
    publish(topic, message) {
      for (const subscriber of subscribers) subscriber.publish?.(topic, message);
    },
    async close(forget) {
      clock.clearTimer(housekeeping);
      if (more !== undefined) clock.clearTimer(more);
      await Promise.allSettled(subscribers.map((subscriber) => subscriber.close(forget)));
      tellDropped();
      attempt(() => judge.giveUp(0));
      attempt(() => judge.look(ON_THE_WAY));
      attempt(() => file?.close());
      attempt(() => evidence?.close());
      try {
        await store?.close();
      } catch (error) {
        failed(error as Error);
      }
    },
  };
}

/** Why frames were refused, by their hash: the newest. */
class Refused {
  readonly #verdicts = new Map<string, Verdict>();
  readonly #hasher: Hasher;

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  verdictOf(bytes: Uint8Array): Verdict | undefined {
    return this.#verdicts.size === 0 ? undefined : this.#verdicts.get(digestText(bytes, this.#hasher));
  }

  add(bytes: Uint8Array, verdict: Verdict): void {
    this.#verdicts.set(digestText(bytes, this.#hasher), verdict);
    if (this.#verdicts.size > REFUSED) this.#verdicts.delete(this.#verdicts.keys().next().value as string);
  }

  clear(): void {
    this.#verdicts.clear();
  }
}

function strangerOf(frame: Frame, origin: Origin | undefined): Judgement {
  return {
    ok: false,
    verdict: "unknown-device",
    detail: "the registry has no such device: its frames wait until it has",
    device: null,
    ...describe(frame, frame.time ?? null),
    ...(typeof origin === "object" && origin),
  };
}
