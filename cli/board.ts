import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Command, Option } from "commander";
import type { FoundNetwork } from "../agent/provision/host.js";
import { startBoard } from "../host-sim/virtual-board/board.js";
import type { BoardEvent } from "../host-sim/virtual-board/board-event.js";
import type { Boots } from "../host-sim/virtual-board/boot.js";
import { type BoardFaults, FAULTS, readFault } from "../host-sim/virtual-board/faults.js";
import { joinPorts, type PortSide } from "../host-sim/virtual-board/port.js";
import { startPty } from "../host-sim/virtual-board/pty.js";
import { startRfc2217 } from "../host-sim/virtual-board/rfc2217.js";
import { readTextFile, textOfVariable } from "../node/text-file.js";
import { CHIPS, type ChipName } from "../provision/flash/chips.js";
import { firstLine } from "../text/decode.js";
import { count, duration, path } from "./options.js";
import { print, printJson, tell } from "./output.js";
import { packageRoot } from "./package-root.js";
import { eventText } from "./render/console-lines.js";

const EXAMPLES = `
Lines on standard input: "reset" presses the reset button, "boot" the BOOT button, which opens provisioning again, "quit" ends.
Faults:
${Object.values(FAULTS)
  .map(({ help }) => `  --fault ${help}`)
  .join("\n")}

Examples:
  $ fieldmark board                                   a board on a terminal of its own; Ctrl-C takes its power away
  $ fieldmark board --tcp 4000 --state board-1        a board with DTR and RTS: rfc2217://127.0.0.1:4000
  $ FIELDMARK_WIFI_PASSWORD=… fieldmark board --ssid field
  $ fieldmark board --engine rv32                     its firmware on an emulated RISC-V chip, in the memory of a board
  $ fieldmark board --tcp 4000 --blank --fault bad-sector:0x20000`;

const FLASH: Readonly<Record<string, number>> = Object.fromEntries(
  [1, 2, 4, 8, 16].map((megabytes) => [`${megabytes}MB`, megabytes << 20]),
);

interface Options {
  pty?: boolean;
  tcp?: number | true;
  state?: string;
  ssid: string;
  passwordFile?: string;
  fault?: BoardFaults;
  chip: ChipName;
  flash: string;
  blank?: boolean;
  holdBoot?: boolean;
  open?: number;
  engine: "node" | "rv32";
  json?: boolean;
}

export function boardCommand(): Command {
  return new Command("board")
    .description(
      "Run a simulated board: chip, ROM loader, flash, and Fieldmark's agent, behind a serial port that tools take for a real one.",
    )
    .option("--pty", "a terminal as its serial port (default, unless --tcp is given)")
    .option(
      "--tcp [port]",
      "its serial port over TCP (RFC 2217), with DTR and RTS, on this machine only",
      count(1, 65_535),
    )
    .option(
      "--state <folder>",
      "keep key, settings, journal and flash there (default: nothing is kept)",
      path,
    )
    .option("--ssid <name>", "the Wi-Fi network in reach", "fieldmark")
    .option(
      "--password-file <file>",
      "its password: the file's first line (default: the network has none)",
      path,
    )
    .addOption(new Option("--chip <name>", "chip").choices(Object.keys(CHIPS)).default("esp32c3"))
    .addOption(new Option("--flash <size>", "flash of a new chip").choices(Object.keys(FLASH)).default("4MB"))
    .option(
      "--blank",
      "nobody has flashed it yet; a terminal, which has no reset line, wants --hold-boot too",
    )
    .option("--hold-boot", "hold the BOOT button while it gets power: the ROM's loader waits for a download")
    .option(
      "--fault <name[:n]>",
      "something is wrong with it (repeatable)",
      (text, before: BoardFaults | undefined) => readFault(text, before),
    )
    .option("--open <duration>", "provisioning answers for this time after power-up (default: 10m)", duration)
    .addOption(
      new Option("--engine <name>", "what runs the firmware: this process, or an emulated RISC-V chip")
        .choices(["node", "rv32"])
        .default("node"),
    )
    .option("--json", "print events as JSON, one object a line")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const { ssid, fault, chip, blank = false, holdBoot = false, open, json = false } = options;
  const password = readPassword(options.passwordFile);
  const say = (event: BoardEvent | { readonly type: "port"; readonly port: string }) =>
    json ? printJson(event) : print(eventText({ ...event }));
  const state = options.state ?? mkdtempSync(join(tmpdir(), "fieldmark-board-"));
  const sides: PortSide[] = [];
  try {
    const boots = options.engine === "rv32" ? await emulated() : undefined;
    if (options.tcp !== undefined) {
      const side = await startRfc2217(options.tcp === true ? 0 : options.tcp);
      sides.push(side);
      say({ type: "port", port: side.url });
    }
    if (options.pty === true || options.tcp === undefined) {
      const side = await startPty(packageRoot);
      sides.push(side);
      say({ type: "port", port: side.path });
    }
    const port = joinPorts(sides);
    const board = startBoard({
      state,
      port,
      chip,
      flashBytes: FLASH[options.flash] as number,
      blank,
      holdBoot,
      wifi: { networks: networks(ssid, password !== ""), passwords: { [ssid]: password } },
      observe: say,
      ...(boots !== undefined && { boots }),
      ...(fault !== undefined && { faults: fault }),
      ...(open !== undefined && { open }),
    });
    await ended(port, { reset: board.reset, boot: board.button });
    board.stop();
  } finally {
    for (const side of sides) side.cut();
    if (options.state === undefined) rmSync(state, { recursive: true, force: true });
  }
}

async function emulated(): Promise<Boots> {
  const { emulatedBoots } = await import("../host-sim/virtual-board/rv32/boots.js");
  return emulatedBoots(packageRoot, tell);
}

function readPassword(file: string | undefined): string {
  if (file === undefined) return textOfVariable("FIELDMARK_WIFI_PASSWORD") ?? "";
  return firstLine(readTextFile(file));
}

/** The one in reach, and two that others have, which nobody gets into. */
function networks(ssid: string, isSecured: boolean): FoundNetwork[] {
  return [
    { ssid, rssi: -52, isSecured },
    { ssid: "Talstation", rssi: -71, isSecured: true },
    { ssid: "DIRECT-7f", rssi: -86, isSecured: true },
  ];
}

/** Until the cable is pulled, `quit`, or a signal. */
function ended(port: PortSide, buttons: Readonly<Record<string, () => void>>): Promise<void> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: process.stdin });
    const end = () => {
      lines.close();
      for (const name of SIGNALS) process.off(name, end);
      resolve();
    };
    lines.on("line", (line) => (line.trim() === "quit" ? end() : buttons[line.trim()]?.()));
    for (const name of SIGNALS) process.on(name, end);
    void port.gone.then(end);
  });
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
