import type { DeviceEvent } from "../../firmware/main.js";

/** What a simulated board says of itself. Nothing of it is secret: it is printed, and stands on the board's console. */
export type BoardEvent =
  | DeviceEvent
  | { readonly type: "boot-failed"; readonly reason: string }
  /** Who has the serial port now; `other`: a firmware that is not Fieldmark's. */
  | { readonly type: "runs"; readonly what: "loader" | "firmware" | "other" | "nothing" };
