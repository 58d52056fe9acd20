import type { Frame } from "../../agent/frame/parse.js";
import type { Verdict } from "../../agent/frame/verdict.js";
import type { SignatureChecker } from "../../agent/ports/signer.js";
import type { Arrival, Judgement } from "./judgement.js";
import type { Missing } from "./missing.js";
import type { Registry } from "./registry.js";

/** What a judge is made of, and whom it tells. */
export interface JudgeInit {
  readonly registry: Registry;
  readonly signatures: SignatureChecker;
  /** Unix time in milliseconds: what frames' dates are held against. */
  readonly now: () => number;
  /**
   * Milliseconds that only go forwards: what patience is measured by. Left out: `now`, which may be
   * set meanwhile.
   */
  readonly uptime?: () => number;
  /**
   * Stores a frame that is authentic and new, whatever its verdict: signed by an enrolled device,
   * not seen before. Where it throws, so does `receive`, and the frame is as if it had not come.
   * After a restart, a judge is given what was kept.
   */
  readonly keep: (bytes: Uint8Array, frame: Frame, origin: Origin | undefined) => void;
  /**
   * Stores a frame that is authentic and contradicts another of the same place: with that, it
   * proves that the device's key is misused. Told of a device's first few, once each.
   */
  readonly evidence?: (bytes: Uint8Array, frame: Frame) => void;
  /**
   * Gets every frame's judgement once; a device's in the order of signing, but for what comes after
   * its place was passed. `origin` is what `receive` was told of the frame. `refused`: its bytes,
   * where nothing of it is kept.
   */
  readonly judged: (judgement: Judgement, origin: Origin | undefined, refused?: Uint8Array) => void;
  /**
   * The newest frames that are kept of a device, in the order of signing: asked once, when the
   * device is first heard of. They are believed. Left out: a judge is given all that was kept.
   */
  readonly recall?: ((kid: string) => Iterable<Kept>) | undefined;
  /**
   * The frame that is kept for a place, for places that are remembered no longer. Left out: such a
   * frame is `late`.
   */
  readonly keptAt?: ((frame: Frame) => Uint8Array | undefined) | undefined;
  /**
   * Takes a frame of a device that is not enrolled, with a view of its bytes, until it is. Where it
   * is left out, or returns false, the frame is judged at once.
   */
  readonly setAside?: (frame: Frame, origin: Origin | undefined) => boolean;
  /**
   * Told what is found out of frames of a device, by its kid, that never came, though no loss was
   * declared.
   */
  readonly missing?: (kid: string, missing: Missing) => void;
  /**
   * When it began to listen, in Unix seconds. Boards hand on what is left in their journals, so the
   * first frames of a device may have gaps between them that others filled before. Left out: what is
   * judged is all that there is, and each gap is a fault.
   */
  readonly since?: number;
  /**
   * Bytes that one device's frames may take which wait for what comes before them. Left out: as
   * DeviceChain has it.
   */
  readonly room?: number;
  /**
   * Bytes that all devices' frames and hashes may take, as they are counted. Beyond it, a device
   * that takes most has what waits judged as it is, then is remembered less of. Left out: 256 MiB.
   */
  readonly memory?: number;
}

/** Where a frame comes from: a broker, or what the judge itself has kept. */
export type Origin = Arrival | "store";

/** A frame that is kept: "store" where it was judged, else how it came. */
export interface Kept {
  readonly bytes: Uint8Array;
  readonly origin: Origin;
}

/** What became of a frame: a verdict where nothing of it is kept. */
export type Reception = "kept" | "set-aside" | Verdict;
