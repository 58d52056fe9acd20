import type { AgentEvent } from "../../agent/agent.js";
import type { ClockState } from "../../agent/frame/chain.js";
import type { CommandOutcome } from "../../agent/provision/command.js";
import type { ProvisioningEvent } from "../../agent/provision/server.js";
import type { DeviceEvent } from "../../firmware/main.js";

/** What a simulated board says of itself. Nothing of it is secret: it is printed, and stands on the board's console. */
export type BoardEvent =
  | AgentEvent
  | ProvisioningEvent
  | DeviceEvent
  | {
      readonly type: "booted";
      readonly device: string;
      readonly did: string;
      readonly boot: number;
      readonly version: string;
    }
  | { readonly type: "boot-failed"; readonly reason: string }
  | { readonly type: "network-up"; readonly clock: ClockState }
  | { readonly type: "command"; readonly outcome: CommandOutcome }
  /** Who has the serial port now; `other`: a firmware that is not Fieldmark's. */
  | { readonly type: "runs"; readonly what: "loader" | "firmware" | "other" | "nothing" };
