import { createSocket, type Socket } from "node:dgram";
import { afterEach, describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Clock } from "../../../agent/ports/clock.js";
import { EARLIEST, earliestOf, isPlausible } from "../../../agent/time-of-day.js";
import { judgeNtp, type NtpTime, ntpRequest, type SntpOutcome } from "../../../firmware/esp32/ntp.js";
import { createSystemClock } from "../../../node/ports/clock.js";
import { loadFirmware } from "./board.js";
import { type NtpFields, ntpPacket } from "./ntp-packet.js";

const NONCE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const judge = (fields: NtpFields, roundTrip = 40) =>
  judgeNtp(ntpPacket({ originate: NONCE, ...fields }), NONCE, roundTrip, EARLIEST);

describe("a question", () => {
  test("is a client's of version 4 with the nonce for its time, and nothing else", () => {
    const packet = ntpRequest(NONCE);
    expect(packet).toHaveLength(48);
    expect(packet[0]).toBe(0x23);
    expect(packet.slice(40)).toEqual(NONCE);
    expect(packet.slice(1, 40)).toEqual(new Uint8Array(39));
  });
});

describe("an answer", () => {
  test("half of the way is added, and what it can be off by", () => {
    expect(judge({ unix: 1_800_000_000_500, delay: 0.1, dispersion: 0.2 })).toEqual({
      unix: expect.closeTo(1_800_000_000_520, 2),
      error: expect.closeTo(50 + 200 + 20, 1),
    });
  });

  test("what the server took is no part of the way", () => {
    const { unix } = judge({ unix: 1_800_000_000_030, received: 1_800_000_000_000 }) as NtpTime;
    expect(unix).toBeCloseTo(1_800_000_000_035, 2);
  });

  test.each([1_767_225_601_000, 2_085_978_495_000, 2_085_978_497_000, 2_300_000_000_000])(
    "%i: the era that begins in 2036, too",
    (unix) => expect((judge({ unix }, 0) as NtpTime).unix).toBe(unix),
  );

  test.each<[string, NtpFields]>([
    ["version 3", { version: 3 }],
    ["stratum 1", { stratum: 1, reference: "PPS" }],
    ["stratum 15", { stratum: 15 }],
    ["a leap second to come", { leap: 1 }],
    ["a leap second to be left out", { leap: 2 }],
    ["a server that does not say when it was synchronised", { synchronised: 0 }],
  ])("%s: is believed", (_name, fields) => {
    expect(judge(fields)).toHaveProperty("unix");
  });

  test.each<[string, NtpFields, string]>([
    ["stratum 16", { stratum: 16 }, "not synchronised: leap indicator 0, stratum 16"],
    ["stratum 255", { stratum: 255 }, "not synchronised"],
    ["leap indicator 3", { leap: 3 }, "not synchronised: leap indicator 3, stratum 2"],
    ["a client's mode", { mode: 3 }, "mode 3"],
    ["a broadcast", { mode: 5 }, "mode 5"],
    ["a control message", { mode: 6 }, "mode 6"],
    ["version 2", { version: 2 }, "NTP version 2"],
    ["version 7", { version: 7 }, "NTP version 7"],
    ["no transmit time", { unix: 0, received: 1 }, "no time in it"],
    ["no receive time", { received: 0 }, "no time in it"],
    [
      "sent before it was asked",
      { unix: 1_800_000_000_000, received: 1_800_000_001_000 },
      "before the question",
    ],
    ["an hour between question and answer", { received: 1_799_996_400_000 }, "took longer"],
    ["synchronised after it was sent", { synchronised: 1_800_000_001_000 }, "synchronised after"],
    ["a dispersion of 16 s", { dispersion: 16 }, "can be off by 16 s"],
    ["a delay of 40 s", { delay: 40 }, "can be off by 20 s"],
    ["a delay of -40 s", { delay: -40 }, "can be off by 20 s"],
  ])("%s: refused", (_name, fields, says) => {
    expect(judge(fields)).toEqual({ refused: expect.stringContaining(says), isKiss: false });
  });

  test.each(["RATE", "DENY", "RSTR"])("a kiss of death, %s", (reference) => {
    expect(judge({ stratum: 0, reference })).toEqual({ refused: `kiss of death ${reference}`, isKiss: true });
  });

  test("a kiss whose code is no text shows none of it", () => {
    expect(judge({ stratum: 0, reference: "\u001b[2J" })).toMatchObject({ refused: "kiss of death J" });
  });

  test("one to another question, or too short, is none at all: a kiss, too", () => {
    expect(judge({ originate: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 9) })).toBeUndefined();
    expect(judge({ originate: new Uint8Array(8), stratum: 0, reference: "DENY" })).toBeUndefined();
    const packet = ntpPacket({ originate: NONCE });
    expect(judgeNtp(packet.subarray(0, 47), NONCE, 40, EARLIEST)).toBeUndefined();
    expect(judgeNtp(new Uint8Array(0), NONCE, 40, EARLIEST)).toBeUndefined();
  });

  test("property: whatever comes, it ends with a time, a word or nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, isOurs) => {
        if (isOurs && bytes.length >= 48) bytes.set(NONCE, 24);
        const judged = judgeNtp(bytes, NONCE, 40, EARLIEST);
        if (judged !== undefined && "unix" in judged)
          expect(Number.isFinite(judged.unix) && judged.error >= 0 && judged.error < 16_040).toBe(true);
      }),
      { numRuns: 2000, seed: 5905 },
    );
  });
});

describe("what is plausible", () => {
  test("from the build on, for 20 years", () => {
    expect(
      [EARLIEST - 1, EARLIEST, EARLIEST + 631_151_999_999, EARLIEST + 631_152_000_000, Number.NaN].map(
        (unix) => isPlausible(unix, EARLIEST),
      ),
    ).toEqual([false, true, true, false, false]);
  });

  test("the build says when it was, but not before this source was written", () => {
    expect(earliestOf({ built: "1795000000" })).toBe(1_795_000_000_000);
    for (const config of [{}, { built: 0 }, { built: "soon" }, { built: 1e9 }])
      expect(earliestOf(config)).toBe(EARLIEST);
  });
});

/** The SDK's UDP on a real socket; whatever the port that is asked for, the server's. */
let port = 0;
class Udp {
  readonly #socket = createSocket("udp4");
  readonly #packets: ArrayBuffer[] = [];
  constructor({ onReadable }: { onReadable: () => void }) {
    this.#socket.on("message", (message) => {
      this.#packets.push(Uint8Array.from(message).buffer);
      onReadable();
    });
  }
  write(packet: Uint8Array, address: string): void {
    this.#socket.send(packet, port, address);
  }
  read = () => this.#packets.shift();
  close(): void {
    this.#socket.close();
  }
}

const { SntpRound } = loadFirmware<{
  SntpRound: new (
    host: string,
    clock: Clock,
    earliest: number,
    done: (outcome: SntpOutcome) => void,
  ) => unknown;
}>("esp32/sntp-client.ts", {
  "embedded:io/socket/udp": { default: Udp },
  net: {
    default: {
      resolve: (host: string, found: (name: string, at: string) => void) => found(host, "127.0.0.1"),
    },
  },
  [require.resolve("../../../firmware/ports/native.ts")]: {
    random: (into: Uint8Array) => void crypto.getRandomValues(into),
  },
});

let server: Socket | undefined;
afterEach(() => void server?.close());

/** One round with a real server, which says what `say` makes of each question. */
async function round(say: (request: Uint8Array, question: number) => Uint8Array[]): Promise<SntpOutcome> {
  const socket = createSocket("udp4");
  server = socket;
  let questions = 0;
  socket.on("message", (request, { port: from, address }) => {
    for (const packet of say(request, ++questions)) socket.send(packet, from, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  ({ port } = socket.address());
  return new Promise((resolve) => {
    new SntpRound("time.example", createSystemClock(), EARLIEST, resolve);
  });
}

describe("over a real socket", () => {
  const REAL = 1_800_000_000_000;
  const began = performance.now();
  const now = () => REAL + performance.now() - began;
  const honest = (request: Uint8Array, more: NtpFields = {}) =>
    ntpPacket({ originate: request.slice(40), unix: now(), ...more });

  test("two honest answers make the time, whatever strangers send between them", async () => {
    const { time } = await round((request) => [
      Buffer.from("hello"),
      ntpPacket({ unix: 1_900_000_000_000 }),
      honest(request, { leap: 3, originate: new Uint8Array(8) }),
      honest(request),
    ]);
    expect(time?.error).toBeLessThan(16_000);
    expect(time).toBeDefined();
  });

  test("a kiss of death ends it", async () => {
    const outcome = await round((request) => [honest(request, { stratum: 0, reference: "DENY" })]);
    expect(outcome).toEqual({ reason: "kiss of death DENY", isKiss: true });
  });
});
