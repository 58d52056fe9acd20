import { CborError } from "../../agent/cbor/error.js";
import { hex } from "../../agent/cose/kid.js";
import { createFrameChecker } from "../../agent/frame/check.js";
import { parseFrame } from "../../agent/frame/parse.js";
import { ConsoleReader, lineText } from "../../cli/render/console-lines.js";
import { judgementLine } from "../../cli/render/judgements.js";
import { alarmLine, missingLine, noticeLine } from "../../cli/render/verifier-lines.js";
import { annotateFrame, renderAnnotation } from "../../inspect/annotate.js";
import { annotateJournal } from "../../inspect/journal.js";
import type { SubscriberHandler } from "../../network/ports/subscription.js";
import { FrameSplitter } from "../../network/sequence.js";
import { readStatus } from "../../network/verify/status.js";
import { openVerifier } from "../../node/network/verifier.js";
import { createMemoryFlash } from "../../node/ports/flash.js";
import { hasher, signatureChecker } from "../../node/ports/signer.js";
import { visibleJson } from "../../text/visible.js";
import { GOLDEN_BYTES } from "../agent/frame/golden.js";
import { below, hostileInput, mutated, type Prng } from "../agent/frame/mutate.js";
import { makeFrame, reading, testEnrolment, testKid, testSigner } from "../support/frames.js";
import { unfit } from "../support/hostile-text.js";
import { testRegistry } from "../support/judge-harness.js";
import { hostileNumber, hostileText, mutatedText, signedAgain } from "./hostile.js";
import { refusable, type Target } from "./run.js";

const CORPUS = [
  GOLDEN_BYTES,
  makeFrame(),
  makeFrame([reading()], { clock: 0 }),
  makeFrame([reading("count", "count", -70000, 0, 1234)], { clock: 1, uptime: 2 ** 32 }),
  makeFrame(
    [0, 1, 2, 3].map((i) => reading(i % 2 === 0 ? "a" : "b", "m", 11 * i, -1, 500 * i)),
    { boot: 40, dropped: [0, 10, 20].map((boot) => ({ boot, first: boot, last: boot + 3 })) },
  ),
];

/** Throws where a text that goes to a terminal is not fit for it. */
export function fits(text: string, columns?: number): void {
  const why = unfit(text, columns);
  if (why !== undefined) throw new Error(`not fit for a terminal: ${why}`);
}

/** The numbers of a frame may be anything that the writer takes. */
function extremeFrame(random: Prng): Uint8Array | undefined {
  const whole = () => Math.abs(Math.trunc(hostileNumber(random)));
  const range = () => ({ boot: below(random, 9), first: below(random, 99), last: 99 + below(random, 99) });
  const header = {
    boot: random() < 0.5 ? 1 + below(random, 5) : whole(),
    sequence: random() < 0.7 ? below(random, 500) : whole(),
    prev: Uint8Array.from({ length: 16 }, () => (random() < 0.5 ? 0 : below(random, 256))),
    uptime: random() < 0.5 ? below(random, 5000) : whole(),
    clock: below(random, 3) as 0 | 1 | 2,
    time: random() < 0.5 ? 1_795_000_000 + below(random, 5000) : whole(),
    dropped: random() < 0.8 ? [] : [range()],
  };
  const age = () => (random() < 0.5 ? 0 : Math.trunc(hostileNumber(random)));
  const name = () => (random() < 0.7 ? "temperature" : hostileText(random));
  const readings = Array.from({ length: below(random, 4) }, () =>
    reading(
      name(),
      random() < 0.9 ? "Cel" : hostileText(random),
      Math.trunc(hostileNumber(random)),
      -below(random, 12),
      age(),
    ),
  );
  // The writer's callers give it what is right: of what is not it says so in any way.
  try {
    return makeFrame(readings, header);
  } catch {
    return undefined;
  }
}

export function hostileFrame(random: Prng): Uint8Array {
  if (random() < 0.3) {
    const frame = extremeFrame(random);
    if (frame !== undefined) return frame;
  }
  const frame = hostileInput(random, CORPUS);
  return random() < 0.5 ? signedAgain(frame, testSigner) : frame;
}

/** What a judge and `inspect` make of one frame. */
export function frameTarget(): Target {
  const checker = createFrameChecker(testEnrolment, signatureChecker);
  return {
    name: "frame",
    share: 6,
    input(random) {
      const bytes = hostileFrame(random);
      parseFrame(bytes);
      const judge = checker.check.bind(checker);
      const lines = annotateFrame(bytes, random() < 0.5 ? {} : { judge });
      const shown = lines.reduce((sum, line) => sum + line.hex.length / 2, 0);
      if (shown !== bytes.length) throw new Error(`${shown} of ${bytes.length} bytes shown`);
      fits(renderAnnotation(lines));
      fits(visibleJson(lines), Number.POSITIVE_INFINITY);
    },
  };
}

const STATUSES = [
  '{"state":"online","boot":3,"uptime":70,"queue":2,"oldest":5,"dropped":0,"flash":0,"brokers":["a"]}',
  '{"state":"offline"}',
  '{"state":"online","boot":3,"uptime":70,"queue":2,"oldest":5,"dropped":0,"owner":"0011223344556677"}',
];

/** A verifier that runs for as long as the fuzzing does, with all that it prints. */
export function verifierTarget(): Target {
  let handler: SubscriberHandler | undefined;
  const failures: Error[] = [];
  const print = (line: string | undefined) => line !== undefined && fits(line);
  const source = (it: SubscriberHandler) => {
    handler = it;
    it.state("mqtt://broker", "subscribed", "");
    return { broker: "mqtt://broker", subscribed: true, close: async () => {} };
  };
  const verifier = openVerifier({
    registry: testRegistry,
    sources: [source],
    quarantine: 1 << 18,
    judged(judgement) {
      fits(judgementLine(judgement));
      fits(visibleJson(judgement), Number.POSITIVE_INFINITY);
    },
    notice: (notice) => print(noticeLine(notice)),
    alarm: (alarm) => print(alarmLine(alarm, testRegistry)),
    missing: (kid, missing) => print(missingLine(kid, missing, testRegistry, true)),
    state: () => {},
    failed: (error) => failures.push(error),
  });
  const kid = hex(testKid);
  return {
    name: "verifier",
    share: 6,
    input(random) {
      const topic = `fieldmark/1/demo/${random() < 0.8 ? kid : hostileText(random)}/frame`;
      if (random() < 0.8) handler?.frame(hostileFrame(random), topic);
      else handler?.status?.(Buffer.from(mutatedText(random, STATUSES)), kid);
      if (failures.length > 0) throw failures[0];
    },
    end: () => verifier.close(false),
  };
}

/** What brokers keep of boards. */
export function statusTarget(): Target {
  const bytes = STATUSES.map((text) => new TextEncoder().encode(text));
  return {
    name: "status",
    share: 3,
    input(random) {
      readStatus(random() < 0.5 ? hostileInput(random, bytes) : Buffer.from(mutatedText(random, STATUSES)));
    },
  };
}

/** A file of frames, cut anywhere. */
export function sequenceTarget(): Target {
  const whole = Buffer.concat(CORPUS);
  return {
    name: "sequence",
    share: 1,
    input(random) {
      const bytes = mutated(random, whole, CORPUS);
      const splitter = new FrameSplitter();
      let covered = 0;
      const count = (items: readonly { readonly bytes: Uint8Array; readonly length?: number }[]) => {
        for (const { bytes: own, length = own.length } of items) covered += length;
      };
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + below(random, 400);
        count(splitter.push(bytes.subarray(at, end)));
        at = end;
      }
      count(splitter.finish());
      if (covered !== bytes.length) throw new Error(`${covered} of ${bytes.length} bytes in items`);
    },
  };
}

/** What a board says on its console. */
export function consoleTarget(): Target {
  const lines = [
    "\u001b[0;32mI (27) boot: hello\u001b[0m\r\n",
    '{"type":"booted","boot":3,"reason":"power"}\n',
    `frame ${hex(GOLDEN_BYTES)}\n`,
    `${Buffer.from(makeFrame()).toString("base64")}\n`,
    "IMPROV\u0001\u0001\u0001\u0002\u00e5\n",
  ];
  return {
    name: "console",
    share: 3,
    input(random) {
      const reader = new ConsoleReader((line) => {
        const text = lineText(line);
        fits(text);
        if (text.includes("\n")) throw new Error("a line of a board became two");
        fits(visibleJson(line), Number.POSITIVE_INFINITY);
      });
      const frame = () => `${hex(hostileFrame(random))}\n`;
      const json = () => `${mutatedText(random, lines)}\n`;
      reader.received(Buffer.from(random() < 0.2 ? frame() : json()));
      reader.end();
    },
  };
}

/** The image of a journal's flash. `journal`: one that is whole. */
export function journalTarget(journal: Uint8Array, sectorBytes: number): Target {
  return {
    name: "journal",
    share: 1,
    input(random) {
      const bytes = journal.slice();
      for (let left = 1 + below(random, 6); left > 0; left--) {
        const at = below(random, bytes.length);
        if (random() < 0.5) bytes[at] = below(random, 256);
        else bytes.copyWithin(at, below(random, bytes.length), below(random, bytes.length));
      }
      const flash = createMemoryFlash({ size: bytes.length, sectorBytes, bytes });
      const covered = refusable(() => {
        let sum = 0;
        for (const line of annotateJournal(flash, hasher)) {
          fits(line.meaning);
          sum += line.bytes;
        }
        return sum;
      }, CborError);
      if (covered !== bytes.length) throw new Error(`${covered} of ${bytes.length} bytes shown`);
    },
  };
}
