import { hex } from "../../../agent/cose/kid.js";
import { didOfKey } from "../../../agent/frame/identity.js";
import type { FrameHeader } from "../../../agent/frame/write.js";
import type { KeptFrame } from "../../../network/witness/view.js";
import { type AppOptions, createApp } from "../../../node/http/app.js";
import { LIMITS, RATE } from "../../../node/http/limits.js";
import {
  makeFrame,
  reading,
  TEST_HEADER,
  TEST_NETWORK,
  type TestReading,
  testKid,
  testSigner,
} from "../../support/frames.js";
import { MemoryView } from "../../support/memory-view.js";

export const KID = hex(testKid);
export const DID = didOfKey(testSigner.publicKey);
export const DEVICE = `/v1/devices/${KID}`;
/** Unix seconds of the first frame. */
export const START = TEST_HEADER.time;

export function kept(
  header: Partial<FrameHeader> = {},
  readings: readonly TestReading[] = [reading()],
  more: Partial<KeptFrame> = {},
): KeptFrame {
  const { boot, sequence, time, clock } = { ...TEST_HEADER, ...header };
  const received = time + 2;
  const bytes = makeFrame(readings, header);
  const dated = clock === 0 ? null : time;
  return {
    kid: KID,
    boot,
    sequence,
    bytes,
    time: dated,
    received,
    broker: "mqtt://one",
    verdict: "ok",
    ...more,
  };
}

/** A view with one device, and so many frames of it, a minute apart. */
export function viewOf(frames: number): MemoryView {
  const view = new MemoryView({
    state: "running",
    network: TEST_NETWORK,
    name: "north",
    version: "0.1.0",
    did: DID,
    uptime: 61_000,
    brokers: [{ broker: "mqtt://one", subscribed: true }],
    devices: 1,
    frames,
    waiting: 0,
    quarantined: 0,
    entries: 3,
    peers: [{ name: "south", size: 5, state: "up", cosigned: 3 }],
    bytes: 4096,
  });
  view.enrolled.push({ kid: KID, did: DID, site: "roof" });
  for (let sequence = 0; sequence < frames; sequence++)
    view.kept.push(kept({ sequence, time: START + 60 * sequence }));
  return view;
}

/** The app over `view`, without a socket. */
export async function appOf(view: MemoryView, options: Partial<AppOptions> = {}) {
  const errors: unknown[] = [];
  const { server } = await createApp({
    view,
    cors: [],
    rate: { ...RATE, requests: 1_000_000 },
    limits: LIMITS,
    proxies: [],
    isLocal: true,
    report: (error) => errors.push(error),
    ...options,
  });
  return {
    errors,
    view,
    get: (url: string, headers: Record<string, string> = {}) =>
      server.inject({ url, headers: { host: "localhost", ...headers } }),
    inject: server.inject.bind(server),
    server,
  };
}
