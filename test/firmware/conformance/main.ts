import "./host.js"; // before the board, which takes `host` when it is loaded
import "../../../host-sim/engines/xs/board.js";
import { hex } from "../../../agent/cose/kid.js";
import * as native from "../../../firmware/ports/native.js";
import { readWhole } from "../../../firmware/sim/files.js";
import type { XsBoardConfig } from "../../../host-sim/engines/xs/board.js";
import { Echo } from "./echo.js";
import { bytesOfHex } from "./hex.js";
import { ConformanceHost, state } from "./host.js";
import { Inbox, type InboxRun } from "./inbox.js";
import type { LinksRun } from "./link-command.js";
import { RemoteLinks } from "./remote-links.js";
import { runSuites } from "./suites.js";

/** What test/firmware/conformance.test.ts writes into run.json; bytes in hex. */
interface Run {
  readonly seed: string;
  /** The board's configuration: JSON inside of JSON. */
  readonly config: string;
  readonly messages: readonly [uptime: number, kind: number, id: number, bytes: string | null][];
}

interface BoardScript {
  boot(config: Uint8Array): void;
  receive(kind: number, id: number, bytes: Uint8Array | undefined): void;
}

/**
 * What it does depends on the file that is there. serial.txt: an echo on the terminal that it names.
 * inbox.json: a link that subscribes. links.json: links that a test holds. run.json: plays its messages to the board of the XS host, with
 * the agent as the firmware has it and the firmware's signer. None: runs the ports' conformance
 * suites. Says on the console what comes of it.
 */
export default function main(): void {
  const device = readWhole("serial.txt");
  if (device !== undefined) {
    new Echo(textOf(device));
    return;
  }
  const inbox = readWhole("inbox.json");
  if (inbox !== undefined) {
    new Inbox(JSON.parse(textOf(inbox)) as InboxRun);
    return;
  }
  const links = readWhole("links.json");
  if (links !== undefined) {
    new RemoteLinks(JSON.parse(textOf(links)) as LinksRun);
    return;
  }
  const given = readWhole("run.json");
  if (given === undefined) {
    runSuites();
    return;
  }
  const run = JSON.parse(textOf(given)) as Run;
  native.openSigner();
  const { flash } = JSON.parse(run.config) as XsBoardConfig;
  const host = new ConformanceHost(bytesOfHex(run.seed), flash);
  host.said = (kind, id, bytes) => trace(`${kind} ${id} ${hex(bytes)}\n`);
  state.current = host;
  const board = globalThis as unknown as BoardScript;
  board.boot(new Uint8Array(ArrayBuffer.fromString(run.config)));
  for (const [uptime, kind, id, bytes] of run.messages) {
    host.uptime = uptime;
    board.receive(kind, id, bytes === null ? undefined : bytesOfHex(bytes));
  }
  trace("end\n");
}

function textOf(bytes: Uint8Array): string {
  return String.fromArrayBuffer(bytes.slice().buffer);
}
