import type { Serial } from "../../agent/ports/serial.js";
import type { ResetReason } from "../../firmware/resets.js";
import type { KeptTime } from "./board-clock.js";
import type { BoardEvent } from "./board-event.js";
import type { Disk } from "./disk.js";
import type { WifiOptions } from "./wifi.js";

/** What one boot of a simulated board's firmware is given. */
export interface BootInit {
  readonly disk: Disk;
  readonly serial: Serial;
  readonly kept: KeptTime;
  readonly wifi: WifiOptions;
  /** Of ESP Web Tools' chip families. */
  readonly chip: string;
  readonly version: string;
  /** Why it starts. */
  readonly reset: ResetReason;
  /** Milliseconds for which provisioning answers. */
  readonly open?: number;
  /** Events stand on the console, too, one JSON object a line. */
  readonly hasConsole: boolean;
  readonly observe: (event: BoardEvent) => void;
  readonly restart: () => void;
}

/** Firmware that runs. */
export interface Boot {
  /** Somebody presses the button: provisioning opens again. */
  button(): void;
  stop(): void;
}

/** Boots it, in this process or on an emulated core. Throws where stored settings are damaged. */
export type Boots = (init: BootInit) => Boot;
