import type { Judgement } from "../../network/witness/judgement.js";

export interface JudgementPrinter {
  print(judgement: Judgement): void;
  summary(): void;
  readonly frames: number;
  /** Frames that are neither ok nor duplicate. */
  readonly bad: number;
}

/** JSON lines, or readable ones on a terminal, to standard output; the summary to standard error. */
export function createJudgementPrinter(json: boolean): JudgementPrinter {
  const readable = process.stdout.isTTY && !json;
  const verdicts: Record<string, number> = {};
  const devices = new Set<string>();
  let frames = 0;
  let readings = 0;
  let bad = 0;
  return {
    get frames() {
      return frames;
    },
    get bad() {
      return bad;
    },
    print(judgement) {
      const { verdict, device } = judgement;
      frames++;
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      if (device !== null) devices.add(device);
      if (judgement.ok) readings += judgement.readings?.length ?? 0;
      else if (verdict !== "duplicate") bad++;
      process.stdout.write(`${readable ? readableLine(judgement) : JSON.stringify(judgement)}\n`);
    },
    summary() {
      const text = Object.entries(verdicts).map(([verdict, n]) => `${n} ${verdict}`);
      process.stderr.write(
        json
          ? `${JSON.stringify({ frames, verdicts, devices: devices.size, readings })}\n`
          : `${frames} frames: ${text.join(", ") || "none"}; ${devices.size} devices, ${readings} readings verified\n`,
      );
    },
  };
}

function readableLine({
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
  const who = site ?? kid ?? device ?? "?";
  const when =
    time === null || time === undefined ? "no date" : new Date(time * 1000).toISOString().slice(0, 19);
  const values = (readings ?? []).map(({ name, value, unit }) => `${name} ${value} ${unit}`).join(", ");
  const where = boot === undefined ? "" : `${boot}/${sequence} ${when}`;
  return [verdict.padEnd(13), who, where, values, detail === undefined ? "" : `(${detail})`]
    .filter(Boolean)
    .join("  ");
}
