import { expect } from "@jest/globals";
import type { DroppedRange } from "../../../agent/frame/chain.js";
import { type Frame, parseFrame } from "../../../agent/frame/parse.js";
import { type ChainFrame, DeviceChain, type Settled } from "../../../network/verify/chain.js";
import { makeFrame } from "../../support/frames.js";

const parsed = parseFrame(makeFrame());
if ("failure" in parsed) throw new Error(parsed.failure.detail);
const TEMPLATE: Frame = parsed.frame;

export const range = (boot: number, first: number, last = first): DroppedRange => ({ boot, first, last });

/** Frames that may wait in a chain here; all are of one length. */
export const WAITING = 64;
export const createChain = () => new DeviceChain<ChainFrame>(WAITING * TEMPLATE.bytes.length);

/** Frames of one device, each of which names the one before it. Nothing here needs signatures. */
export class Device {
  #last = "00".repeat(16);
  #count = 0;

  /** `named`: what stands in `prev`, where that is not the last frame's hash. */
  frame(boot: number, sequence: number, dropped: DroppedRange[] = [], named = this.#last): ChainFrame {
    const prev = new Uint8Array(Buffer.from(named, "hex"));
    const hash = (++this.#count).toString(16).padStart(32, "a");
    this.#last = hash;
    return { frame: { ...TEMPLATE, boot, sequence, prev, dropped }, hash };
  }

  /** Frames `first` to `last` of a boot. */
  run(boot: number, first: number, last: number): ChainFrame[] {
    return Array.from({ length: last - first + 1 }, (_, i) => this.frame(boot, first + i));
  }
}

export const say = ({ item, link }: Settled<ChainFrame>) =>
  `${item.frame.boot}/${item.frame.sequence} ${link}`;

/** What is handed out at each frame, and in the end; and what becomes of those whose places were passed. */
export function judge(frames: readonly ChainFrame[], chain = createChain()): string[] {
  const said: string[] = [];
  for (const frame of frames) {
    const standing = chain.standing(frame);
    if (standing === "new") {
      chain.add(frame);
      for (const settled of chain.settled()) said.push(say(settled));
    } else if (standing === "passed")
      said.push(
        `${frame.frame.boot}/${frame.frame.sequence} ${chain.fill(frame) ? "linked" : "late"} after all`,
      );
    else said.push(`${frame.frame.boot}/${frame.frame.sequence} ${standing}`);
  }
  for (const settled of chain.giveUp()) said.push(`${say(settled)} in the end`);
  expect(chain.waiting).toBe(0);
  return said;
}
