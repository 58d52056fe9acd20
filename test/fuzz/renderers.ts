import { VERDICTS } from "../../agent/frame/verdict.js";
import { messageOf } from "../../cli/errors.js";
import { eventText } from "../../cli/render/console-lines.js";
import { eventLine } from "../../cli/render/fleet-view.js";
import { judgementLine } from "../../cli/render/judgements.js";
import { junitText } from "../../cli/render/junit.js";
import { bar, linesOf } from "../../cli/render/operation-view.js";
import { answerLine, clearedLines, orderWarnings } from "../../cli/render/order.js";
import { foundLine } from "../../cli/scan.js";
import { FAILURE_CODES, type OperationEvent, STEPS } from "../../provision/events.js";
import type { Receipt } from "../../provision/operations/receipt.js";
import { en, type TextKey } from "../../provision/page/texts/en.js";
import { textOf } from "../../provision/page/texts/texts.js";
import { chipFamily, valueText } from "../../provision/page/words.js";
import { ConsoleEar, diagnose } from "../../provision/unheard.js";
import { shown } from "../../text/quoted.js";
import { quoted, visibleJson, visibleLines } from "../../text/visible.js";
import { below, type Prng, pick } from "../agent/frame/mutate.js";
import { fits } from "./frames.js";
import { hostileJson, hostileNumber, hostileText } from "./hostile.js";
import type { Target } from "./run.js";

/** A line that is shown: of one line, and fit. */
function line(text: string | undefined): void {
  if (text === undefined) return;
  if (text.includes("\n")) throw new Error(`two lines: ${JSON.stringify(text.slice(0, 200))}`);
  fits(text);
}

const several = <T>(random: Prng, make: () => T): T[] => Array.from({ length: below(random, 4) }, make);

/** What operations say of a board, and what the page and the command line show of it. */
function operationEvent(random: Prng): OperationEvent {
  const text = () => hostileText(random);
  const number = () => hostileNumber(random);
  const step = pick(random, STEPS);
  const reading = () => ({ name: text(), unit: text(), value: number(), time: number() });
  const receipt = { device: text(), name: random() < 0.5 ? text() : undefined, site: text() };
  return pick<() => OperationEvent>(random, [
    () => ({ type: "step", step }),
    () => ({ type: "progress", step, done: number(), total: number() }),
    () => ({ type: "identified", chip: text(), mac: text(), flashBytes: number() }),
    () => ({ type: "waiting" }),
    () => ({ type: "note", step, message: text() }),
    () => ({ type: "identity", did: text(), kid: text() }),
    () => ({ type: "named", name: text(), position: { lat: number(), lon: number() } }),
    () => ({
      type: "networks",
      networks: several(random, () => ({ ssid: text(), rssi: number(), isSecured: random() < 0.5 })),
    }),
    () => ({ type: "reading", frame: new Uint8Array(9), readings: several(random, reading) }),
    () => ({
      type: "brokers",
      brokers: several(random, () => ({ name: text(), standing: "away", reason: text() })),
    }),
    () => ({ type: "receipt", receipt: receipt as Receipt }),
    () => ({ type: "done-already", id: text(), at: text() }),
    () => ({ type: "failed", step, code: pick(random, FAILURE_CODES), reason: text(), hint: text() }),
  ])();
}

/** Each renderer of the command line, given what a board, a broker or a file may say. */
export function linesTarget(): Target {
  return {
    name: "lines",
    share: 4,
    input(random) {
      const text = () => hostileText(random);
      const number = () => hostileNumber(random);
      const maybe = <T>(value: T) => (random() < 0.5 ? value : undefined);
      const event = operationEvent(random);
      for (const one of linesOf(event)) line(one);
      fits(visibleJson(event), Number.POSITIVE_INFINITY);
      line(bar(number(), number()));
      line(
        judgementLine({
          ok: false,
          verdict: pick(random, VERDICTS),
          device: random() < 0.5 ? null : text(),
          bytes: number(),
          boot: number(),
          sequence: number(),
          time: random() < 0.2 ? null : number(),
          detail: text(),
          kid: text(),
          readings: several(random, () => ({ name: text(), unit: text(), value: number(), time: number() })),
          ...(random() < 0.5 && { site: text() }),
        }),
      );
      line(eventText(Object.fromEntries(several(random, () => [text(), hostileJson(random)]))));
      line(
        foundLine({
          path: text(),
          ...Object.fromEntries(
            ["chip", "mac", "firmware", "name", "problem", "manufacturer", "usb"].map((key) => [
              key,
              maybe(text()),
            ]),
          ),
        }),
      );
      const broker = text();
      const outcome = pick(random, ["obeyed", "on-trial", "kept", "reverted", "refused"] as const);
      const said = {
        network: "demo",
        publicKey: new Uint8Array(33),
        order: new Uint8Array(32),
        boot: number(),
        outcome,
        reason: text(),
        owner: new Uint8Array(8),
        ownership: new Uint8Array(8),
        last: number(),
      };
      const reply = {
        outcome: maybe(said),
        taken: several(random, text),
        seen: several(random, text),
        forged: number(),
      };
      fits(visibleLines(answerLine(reply, { id: "0011223344556677", verb: "restart", wait: 90_000 })));
      const command = {
        network: "demo",
        kid: new Uint8Array(8),
        ownership: new Uint8Array(8),
        counter: number(),
        until: number(),
        verb: "restart",
        body: "",
      } as const;
      const waiting = several(random, () => ({ broker, kid: "00", command, isAnswered: false }));
      const hint = { owner: text(), ownership: new Uint8Array(8) };
      const findings = { isHeardOf: true, signed: undefined, hint: maybe(hint), waiting };
      for (const one of [
        ...orderWarnings(
          { findings, unreadable: [broker], forgetful: [broker] },
          { id: "00", isKnown: false, ownerKid: "00" },
        ),
        ...clearedLines("00", waiting, [broker]),
      ])
        fits(visibleLines(one));
      line(eventLine({ type: "broker", broker, state: "lost", reason: text() }));
      line(
        eventLine({
          type: "board",
          board: "board-1",
          event: { type: "storage-failed", reason: text() } as never,
        }),
      );
      fits(visibleLines(messageOf(new Error(text()))));
      const xml = junitText([{ name: text(), failure: maybe(text()) }], 1, { [text()]: text() });
      fits(xml, Number.POSITIVE_INFINITY); // a file
    },
  };
}

const KEYS = Object.keys(en) as TextKey[];

/** What the page makes of the same, before it shows it. */
export function pageTarget(): Target {
  return {
    name: "page",
    share: 2,
    input(random) {
      const text = () => hostileText(random);
      const values = new Proxy({}, { get: text }) as Readonly<Record<string, string>>;
      const said = textOf(pick(random, ["de", "en", "fr", "constructor"]), pick(random, KEYS), values);
      fits(said, 20_000); // a page breaks its lines itself
      // Between a value and its unit stands a space that does not break.
      line(
        valueText(hostileNumber(random), text(), pick(random, ["de-CH", "en-GB"])).replace(
          /[\u00a0\u202f]/g,
          " ",
        ),
      );
      line(visibleLines(chipFamily(text())).replaceAll("\n", " "));
      line(shown(text()));
      line(quoted(text()));
    },
  };
}

/** What a board that does not answer says on its console. */
export function unheardTarget(): Target {
  return {
    name: "unheard",
    share: 1,
    input(random) {
      const ear = new ConsoleEar();
      ear.received(
        Buffer.from(`{"type":"boot-failed","reason":"${hostileText(random)}"}\n${hostileText(random)}`),
      );
      const found = diagnose(ear.heard);
      if (found !== undefined) line(found.reason);
    },
  };
}
