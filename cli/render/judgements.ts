import type { Verdict } from "../../agent/frame/verdict.js";
import type { Judgement } from "../../network/verify/judgement.js";
import type { Gaps } from "../../network/verify/verifier.js";
import { dateText } from "../../text/date-text.js";
import { visible, visibleLine } from "../../text/visible.js";
import { print, printJson, tell, tellJson } from "../output.js";

export interface JudgementPrinter {
  /** A line for a frame, which is counted. */
  print(judgement: Judgement): void;
  /** The frame had its line before: it is counted only. */
  repeated(verdict: Verdict, broker: string): void;
  /** A line for a frame that waits for its judgement: `summary` counts it. */
  waits(judgement: Judgement): void;
  /** `strangers`: frames of devices that never were enrolled. `gaps`: what is known of frames that never came. */
  summary(strangers?: number, gaps?: Gaps): void;
  readonly frames: number;
  /** Frames that are neither ok nor duplicate. */
  readonly bad: number;
}

/** JSON lines, or readable ones on a terminal, to standard output; the summary to standard error. */
export function createJudgementPrinter(json: boolean): JudgementPrinter {
  const readable = process.stdout.isTTY && !json;
  const verdicts: Partial<Record<Verdict, number>> = {};
  /** Frames that came by each broker, and those that came by it first. */
  const brokers: Record<string, { frames: number; first: number }> = {};
  const devices = new Set<string>();
  let frames = 0;
  let readings = 0;
  let bad = 0;

  function count(verdict: Verdict, broker: string | undefined, isFirst: boolean, n = 1): void {
    frames += n;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + n;
    if (verdict !== "ok" && verdict !== "duplicate") bad += n;
    if (!broker) return;
    brokers[broker] ??= { frames: 0, first: 0 };
    brokers[broker].frames += n;
    if (isFirst) brokers[broker].first += n;
  }
  function write(judgement: Judgement): void {
    if (readable) print(judgementLine(judgement));
    else printJson(judgement);
  }

  return {
    get frames() {
      return frames;
    },
    get bad() {
      return bad;
    },
    print(judgement) {
      const { ok, verdict, device, broker } = judgement;
      count(verdict, broker, true);
      if (device !== null) devices.add(device);
      if (ok) readings += judgement.readings?.length ?? 0;
      write(judgement);
    },
    repeated(verdict, broker) {
      count(verdict, broker, false);
    },
    waits: write,
    summary(strangers = 0, gaps) {
      if (strangers > 0) count("unknown-device", undefined, false, strangers);
      const text = Object.entries(verdicts).map(([verdict, n]) => `${n} ${verdict}`);
      const known = Object.entries(brokers);
      const ways = known.map(
        ([broker, { frames, first }]) => `; ${frames} by ${broker}, ${first} of them first`,
      );
      if (json)
        tellJson({
          frames,
          verdicts,
          devices: devices.size,
          readings,
          ...(known.length > 0 && { brokers }),
          ...(gaps && { gaps }),
        });
      else
        tell(
          `${frames} frames: ${text.join(", ") || "none"}; ${devices.size} devices, ${readings} readings verified${ways.join("")}${gaps === undefined ? "" : gapsText(gaps)}`,
        );
    },
  };
}

function gapsText({ lost, leftOut, queued, unknown }: Gaps): string {
  const gaps = lost + leftOut + queued + unknown;
  if (gaps === 0) return "";
  const parts = [
    lost > 0 ? `${lost} lost after the board, as it says` : "",
    leftOut > 0 ? `${leftOut} declared by the board since` : "",
    queued > 0 ? `${queued} perhaps still on the board` : "",
    unknown > 0 ? `${unknown} of which nothing is known` : "",
  ];
  return `; ${gaps} ${gaps === 1 ? "gap" : "gaps"}: ${parts.filter(Boolean).join(", ")}`;
}

/** For people. Never throws, whatever the frame says. */
export function judgementLine({
  verdict,
  detail,
  device,
  kid,
  boot,
  sequence,
  time,
  readings,
  site,
}: Judgement): string {
  const who = visible(site ?? kid ?? device ?? "?");
  const when =
    time === null || time === undefined ? "no date" : (dateText(time * 1000) ?? `${time} s, no date`);
  const values = (readings ?? [])
    .map(({ name, value, unit }) => `${visible(name)} ${value} ${visible(unit)}`)
    .join(", ");
  const where = boot === undefined ? "" : `${boot}/${sequence} ${when}`;
  const why = detail === undefined ? "" : `(${visible(detail)})`;
  return visibleLine([verdict.padEnd(13), who, where, values, why].filter(Boolean).join("  "));
}
