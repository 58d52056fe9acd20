import { MAX_UNIX_SECONDS, MIN_UNIX_SECONDS } from "../../agent/frame/layout.js";
import type { Frame } from "../../agent/frame/parse.js";
import type { BootConfigurations } from "./boot-configurations.js";
import { DeviceChain, type Settled } from "./chain.js";
import { ClockWatch } from "./clock-watch.js";
import type { Item } from "./item.js";
import type { Enrolled } from "./registry.js";

/**
 * What a device takes beside its chain, and a boot of which is remembered how its sensors were
 * configured, on V8.
 */
const DEVICE = 1000;
const CONFIGURATION = 100;

/** What a judge knows of one device. */
export interface Device {
  /** As the registry has it now, or had it last. */
  enrolled: Enrolled;
  readonly chain: DeviceChain<Item>;
  /** Settled, and of a boot whose clock was not set yet; and the bytes that they take. */
  undated: Settled<Item>[];
  undatedBytes: number;
  readonly clock: ClockWatch;
  /** Unix seconds at which the current boot began, once known. */
  boot: number;
  bootedAt: number | undefined;
  readonly configurations: BootConfigurations;
  /** When the device last got further, as `uptime` has it. */
  waitingSince: number;
  /** When the first of `undated` came there. */
  undatedSince: number;
  /** When something came last for a gap, of what is held. */
  heldSince: number;
}

/** `room` and `since` as DeviceChain has them. */
export function createDevice(
  enrolled: Enrolled,
  room: number | undefined,
  since: number | undefined,
): Device {
  return {
    enrolled,
    chain: new DeviceChain<Item>(room, since),
    undated: [],
    undatedBytes: 0,
    clock: new ClockWatch(),
    boot: -1,
    bootedAt: undefined,
    configurations: new Map(),
    waitingSince: 0,
    undatedSince: 0,
    heldSince: 0,
  };
}

/** What a device takes, about. */
export function bytesOf({ chain, undatedBytes, configurations }: Device): number {
  return DEVICE + chain.bytes + undatedBytes + CONFIGURATION * configurations.size;
}

/** Unix seconds at a frame's base time; null where nothing dates it, or what does gives no date. */
export function timeOf({ boot, bootedAt }: Device, frame: Frame): number | null {
  if (frame.time !== undefined) return frame.time;
  if (bootedAt === undefined || frame.boot !== boot) return null;
  const time = bootedAt + frame.uptime;
  return time >= MIN_UNIX_SECONDS && time <= MAX_UNIX_SECONDS ? time : null;
}
