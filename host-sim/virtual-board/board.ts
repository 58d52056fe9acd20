import { InputError } from "../../agent/input-error.js";
import type { Serial } from "../../agent/ports/serial.js";
import type { ResetReason } from "../../firmware/resets.js";
import type { ChipName } from "../../provision/flash/chips.js";
import { KeptTime } from "./board-clock.js";
import type { BoardEvent } from "./board-event.js";
import type { Boot, BootInit, Boots } from "./boot.js";
import { eraseJournal, eraseStore, openDisk } from "./disk.js";
import { type BoardFaults, faultyPort } from "./faults.js";
import { isErased, markPartition, PROJECT, preflash } from "./image.js";
import { NodeBoot } from "./node-boot.js";
import type { PortSide } from "./port.js";
import { type Firmware, SimulatedChip } from "./rom/chip.js";
import { CHIP_MODELS } from "./rom/chips.js";
import { PortSerial, type Receiver } from "./serial.js";
import type { WifiOptions } from "./wifi.js";

export interface BoardOptions {
  /** Folder of what outlives the power: key, settings, journal, flash. One process at a time. */
  readonly state: string;
  readonly port: PortSide;
  readonly wifi: WifiOptions;
  readonly faults?: BoardFaults;
  readonly chip?: ChipName;
  /** 6 bytes; drawn once where it is left out, from the folder's name. */
  readonly mac?: Uint8Array;
  /** A board that nobody has flashed; otherwise a new folder's flash has Fieldmark's firmware already. */
  readonly blank?: boolean;
  /** Of a new chip's flash: a power of two from 1 MiB to 16 MiB. */
  readonly flashBytes?: number;
  /** The BOOT button is held while the board gets power. */
  readonly holdBoot?: boolean;
  /** Milliseconds for which provisioning answers. */
  readonly open?: number;
  /** Events stand on the console, too, one JSON object a line; true if left out. */
  readonly console?: boolean;
  /** What runs the firmware; this process where it is left out. */
  readonly boots?: Boots;
  readonly observe: (event: BoardEvent) => void;
}

export interface RunningBoard {
  /** As the board's reset button. */
  reset(): void;
  /** As the BOOT button in a board that runs: provisioning opens again. */
  button(): void;
  /** Takes away the power. The folder may be used again. */
  stop(): void;
}

const VERSION = "0.1.0";

/**
 * A simulated board: chip, ROM loader, flash, and, where its flash holds Fieldmark's application, the agent with its provisioning server: the
 * composition root of `fieldmark board`. Throws InputError where another process has the folder.
 */
export function startBoard(options: BoardOptions): RunningBoard {
  const { port, faults = {}, observe, boots = (init) => new NodeBoot(init) } = options;
  const model = CHIP_MODELS[faults.chip ?? options.chip ?? "esp32c3"];
  const disk = openDisk(options.state, faults.bad, options.flashBytes);
  if (disk.isNew && options.blank !== true) preflash(disk.chip, model, VERSION);
  const wire = faultyPort(port, faults);
  const kept = new KeptTime();
  const wifi = { ...options.wifi, ...(faults.wifiRefuses && { refuses: true }) };
  let boot: Boot | undefined;
  let reason: ResetReason = "power-on";
  let receiver: Receiver | undefined;

  const firmware: Firmware = {
    start(send, { app }) {
      receiver = undefined;
      if (app.project !== PROJECT) {
        observe({ type: "runs", what: "other" });
        return;
      }
      observe({ type: "runs", what: "firmware" });
      for (const [which, erase] of [
        ["nvs", eraseStore],
        ["journal", eraseJournal],
      ] as const) {
        if (!isErased(disk.chip, which)) continue;
        erase(disk);
        markPartition(disk.chip, which);
      }
      const serial: Serial = new PortSerial({ write: send }, (other) => {
        receiver = other;
      });
      boot = power(boots, { ...own, version: app.version, reset: reason, serial });
      reason = "external"; // by its lines or its button, unless it asks for it
    },
    received: (data) => receiver?.(data),
    stop() {
      boot?.stop();
      boot = undefined;
      receiver = undefined;
    },
  };
  const chip = new SimulatedChip(model, disk.chip, options.mac ?? macOf(options.state), firmware);
  const own = {
    disk,
    kept,
    wifi,
    chip: model.family,
    hasConsole: options.console !== false,
    observe,
    restart: () => {
      reason = "software";
      reset(false);
    },
    ...(options.open !== undefined && { open: options.open }),
  };
  /** `download`: left out where the button or the lines decide. */
  function reset(download?: boolean): void {
    chip.reset(download);
    if (chip.owner !== "firmware")
      observe({ type: "runs", what: chip.owner === "loader" ? "loader" : "nothing" });
  }
  chip.send = (data) => wire.write(data);
  wire.onData((data) => chip.received(data));
  wire.onSignals?.((signals) => chip.signals(signals));
  chip.holdsBoot = options.holdBoot === true;
  reset();
  chip.holdsBoot = false;
  return {
    reset: () => reset(),
    button: () => boot?.button(),
    stop() {
      wire.onData(() => {});
      wire.onSignals?.(() => {}); // a cable that is pulled lets its lines fall
      chip.stop();
      wire.cut();
      disk.close();
    },
  };
}

/** A boot that fails says why and leaves the board silent, as it would be on a real one that resets again and again. */
function power(boots: Boots, init: BootInit): Boot | undefined {
  try {
    return boots(init);
  } catch (error) {
    init.observe({ type: "boot-failed", reason: error instanceof InputError ? "settings" : String(error) });
    return undefined;
  }
}

/** Of Espressif's; the same for the same folder. */
function macOf(folder: string): Uint8Array {
  let hash = 0x811c9dc5;
  for (const character of folder) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return Uint8Array.of(0x34, 0x85, 0x18, hash >>> 16, hash >>> 8, hash);
}
