import { base64 } from "@scure/base";
import type { BrokerState, OperationEvent, Step } from "../../provision/events.js";
import { positionText } from "../../provision/names/place.js";
import type { Receipt } from "../../provision/operations/receipt.js";
import { quoted, visible, visibleLine } from "../../text/visible.js";
import { openPicture, printJson, tell } from "../output.js";

/** Of a progress bar, in characters. */
const BAR = 24;
/** Milliseconds between two pictures. */
const PICTURE = 100;

const DOING: Readonly<Record<Step, string>> = {
  scan: "looking for boards",
  identify: "asking the chip",
  flash: "writing",
  verify: "comparing",
  provision: "settings",
  enrol: "identity",
  reading: "first reading",
  brokers: "asking brokers",
  receipt: "receipt",
};

const STANDING: Readonly<Record<BrokerState["standing"], string>> = {
  away: "not connected",
  open: "connected",
  takes: "takes frames",
  unheard: "connected, nobody listens",
};

/** After these there is nothing going on with a board. */
const ENDS: readonly OperationEvent["type"][] = ["failed", "receipt", "done-already"];

export interface OperationView {
  /** `board`: the port, where there are several. */
  event(event: OperationEvent, board?: string): void;
  /** Puts a question to whoever sits at the terminal: on standard error. */
  ask(question: string): void;
  close(): void;
}

/**
 * Shows what operations say: on a terminal a line a board that changes, with a bar; elsewhere a line a step. With `json` each event is a
 * line of JSON on standard output.
 */
export async function createOperationView(json: boolean): Promise<OperationView> {
  if (json)
    return {
      event: (event, board) => {
        printJson(plain(board === undefined ? event : { board, ...event }));
      },
      ask: tell,
      close() {},
    };
  const live = await openPicture();
  const lines = new Map<string, string>();
  let drawn = 0;
  const say = (text: string) => {
    live?.clear();
    tell(text);
    draw(true);
  };
  function draw(now = false): void {
    if (live === undefined || (!now && performance.now() - drawn < PICTURE)) return;
    drawn = performance.now();
    live.show([...lines.values()].join("\n"));
  }
  return {
    event(event, board = "") {
      const prefix = board === "" ? "" : `${visible(board)}: `;
      if (event.type === "progress") {
        lines.set(board, `${prefix}${DOING[event.step].padEnd(14)} ${bar(event.done, event.total)}`);
        draw();
        return;
      }
      if (event.type === "step") {
        lines.set(board, `${prefix}${DOING[event.step]} …`);
        if (live === undefined) say(`${prefix}${DOING[event.step]}`);
        else draw(true);
        return;
      }
      if (ENDS.includes(event.type)) lines.delete(board);
      for (const line of linesOf(event)) say(`${prefix}${line}`);
    },
    ask: say,
    close() {
      live?.clear();
    },
  };
}

/** What is said of an event in words. Never throws, whatever the board says. */
export const linesOf = (event: OperationEvent): string[] => wordsOf(event).map(visibleLine);

function wordsOf(event: OperationEvent): string[] {
  switch (event.type) {
    case "identified":
      return [`${visible(event.chip)}, ${visible(event.mac)}, ${event.flashBytes >> 20} MB of flash`];
    case "waiting":
      return ["waiting for a board"];
    case "note":
      return [event.message];
    case "identity":
      return [`device ${visible(event.kid)}`, visible(event.did)];
    case "named":
      return [`name ${quoted(event.name)}${event.position ? `, at ${positionText(event.position)}` : ""}`];
    case "networks":
      return event.networks.map(
        ({ ssid, rssi, isSecured }) => `Wi-Fi ${quoted(ssid)}  ${rssi} dBm${isSecured ? "" : "  open"}`,
      );
    case "reading":
      return event.readings.map(
        ({ name, value, unit }) => `verified: ${visible(name)} ${value} ${visible(unit)}`,
      );
    case "brokers":
      return event.brokers.map(
        ({ name, standing, reason }) =>
          `broker ${visible(name)}: ${STANDING[standing]}${reason === "" ? "" : ` (${visible(reason)})`}`,
      );
    case "receipt":
      return [doneLine(event.receipt)];
    case "done-already":
      return [`already done at ${visible(event.at)}: board ${visible(event.id)} is left alone`];
    case "failed":
      return [`failed (${event.code}): ${event.reason}`, ...(event.hint === "" ? [] : [event.hint])];
    default:
      return [];
  }
}

function doneLine({ device, name, site }: Receipt): string {
  return `done: device ${visible(device)},${name === undefined ? "" : ` ${quoted(name)},`} site ${quoted(site)}`;
}

export function bar(done: number, total: number): string {
  const part = total === 0 ? 1 : done / total;
  const share = part >= 0 ? Math.min(1, part) : 0;
  const full = Math.round(BAR * share);
  return `${"█".repeat(full)}${"░".repeat(BAR - full)} ${String(Math.floor(100 * share)).padStart(3)} %`;
}

/** With bytes in base64. */
function plain(event: object): object {
  return Object.fromEntries(
    Object.entries(event).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? base64.encode(value) : value,
    ]),
  );
}
