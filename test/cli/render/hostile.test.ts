import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { ConsoleReader, eventText, lineText } from "../../../cli/render/console-lines.js";
import { createJudgementPrinter, judgementLine } from "../../../cli/render/judgements.js";
import { junitText } from "../../../cli/render/junit.js";
import { bar, linesOf } from "../../../cli/render/operation-view.js";
import { answerLine, orderWarnings } from "../../../cli/render/order.js";
import { foundLine } from "../../../cli/scan.js";
import { OperationError } from "../../../provision/events.js";
import { HOSTILE_TEXTS, unfit } from "../../support/hostile-text.js";

const TEXTS = HOSTILE_TEXTS.map((text, i): [number, string] => [i, text]);

/** On one line, with nothing in it that a terminal obeys. */
function expectFit(...lines: readonly string[]): void {
  for (const line of lines) {
    expect(unfit(line)).toBeUndefined();
    expect(line).not.toContain("\n");
  }
}

const judgement = (time: number, text = "roof") => ({
  ok: false,
  verdict: "future" as const,
  device: null,
  site: text,
  boot: 1,
  sequence: 0,
  detail: text,
  bytes: 160,
  time,
  readings: [{ name: text, unit: text, value: 1e308, time }],
});

describe("verify on a terminal", () => {
  const { isTTY } = process.stdout;
  const { write } = process.stdout;
  let said = "";
  beforeEach(() => {
    said = "";
    process.stdout.isTTY = true;
    process.stdout.write = ((text: string) => {
      said += text;
      return true;
    }) as typeof write;
  });
  afterEach(() => {
    process.stdout.isTTY = isTTY;
    process.stdout.write = write;
  });

  test.each([2 ** 53, -(2 ** 53), 8.64e12 + 1, 253_402_300_800, Number.NaN, Number.POSITIVE_INFINITY])(
    "is not ended by a frame that says it is of %d s",
    (time) => {
      createJudgementPrinter(false).print(judgement(time));
      expect(said).toContain(`1/0 ${time} s, no date`);
    },
  );

  test.each(TEXTS)("shows hostile text %d of a site, a name, a unit, as one line", (_, text) => {
    createJudgementPrinter(false).print(judgement(1_795_000_000, text));
    expect(said.endsWith("\n")).toBe(true);
    expectFit(said.slice(0, -1));
    said = "";
    createJudgementPrinter(true).print(judgement(1_795_000_000, text));
    expect(unfit(said, Number.POSITIVE_INFINITY)).toBeUndefined();
    expect(JSON.parse(said)).toEqual(JSON.parse(JSON.stringify(judgement(1_795_000_000, text))));
  });
});

describe.each(TEXTS)("hostile text %d", (_, text) => {
  test("of a board is shown as one line each", () => {
    const networks = [{ ssid: text, rssi: Number.NaN, isSecured: false }];
    expectFit(
      judgementLine(judgement(0, text)),
      ...linesOf({ type: "networks", networks }),
      ...linesOf({ type: "failed", step: "scan", code: "internal", reason: text, hint: text }),
      ...linesOf({ type: "note", step: "scan", message: text }),
      ...linesOf({ type: "named", name: text }),
      ...linesOf({ type: "identified", chip: text, mac: text, flashBytes: -1 }),
      ...linesOf({ type: "brokers", brokers: [{ name: text, standing: "away", reason: text }] }),
      foundLine({ path: text, firmware: text, name: text, problem: text }),
      eventText({ [text]: text, type: text, more: { [text]: text } }),
    );
  });

  test("of a board's console is shown as it comes, line by line", () => {
    const reader = new ConsoleReader((line) => expectFit(lineText(line)));
    reader.received(Buffer.from(`${text}\n{"type":${JSON.stringify(text)}}\n`));
    reader.end();
  });

  test("of a broker or a board far away is shown as one line each", () => {
    const outcome = { outcome: "refused" as const, reason: text, network: "demo", boot: 1 };
    const reply = {
      outcome: { ...outcome, ...NOBODYS, publicKey: new Uint8Array(33), order: new Uint8Array(32) },
      taken: [],
      seen: [],
      forged: 0,
    };
    expectFit(answerLine(reply, { id: "00", verb: "restart", wait: 1 }));
  });

  test("gets into no file of results as it is", () => {
    const xml = junitText([{ name: text, failure: text }], 1, { [text]: text });
    expect(unfit(xml, Number.POSITIVE_INFINITY)).toBeUndefined();
  });
});

const NOBODYS = { owner: new Uint8Array(0), ownership: new Uint8Array(0), last: 0 };

test("a board's event of any form is shown: not each object can be made a text of", () => {
  const said: string[] = [];
  const reader = new ConsoleReader((line) => said.push(lineText(line)));
  reader.received(Buffer.from('{"type":{"toString":1},"valueOf":{"valueOf":{}},"__proto__":{"a":null}}\n'));
  expect(said).toEqual(['{"toString":1}  valueOf {"valueOf":{}}  __proto__ {"a":null}']);
});

test("an order that waits and has a counter beyond all dates is shown", () => {
  const command = {
    network: "demo",
    kid: new Uint8Array(8),
    ownership: new Uint8Array(8),
    counter: 2 ** 53 - 1,
    until: 2 ** 53 - 1,
    verb: "restart",
    body: "",
  } as const;
  const waiting = [{ broker: "mqtt://b:1883", kid: "00", command, isAnswered: false }];
  const findings = { isHeardOf: true, signed: undefined, hint: undefined, waiting };
  const desk = { findings, unreadable: [], forgetful: [] };
  expect(orderWarnings(desk, { id: "00", isKnown: true, ownerKid: "00" })).toEqual([
    expect.stringContaining("restart, number 9007199254740991"),
  ]);
});

test.each([
  [-1, 1],
  [1, -1],
  [Number.NaN, 1],
  [1e308, 1e-308],
  [0, 0],
])("a bar of %d of %d has its width", (done, total) => {
  expect(bar(done, total)).toMatch(/^[█░]{24} +\d+ %$/);
});

test("a failure is an event, whatever it says", () => {
  const { step, code, message, hint } = new OperationError("scan", "internal", "a\nfieldmark: ok", "b\nc");
  expect(linesOf({ type: "failed", step, code, reason: message, hint })).toEqual([
    "failed (internal): a\\nfieldmark: ok",
    "b\\nc",
  ]);
});
