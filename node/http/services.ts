import type { WitnessView } from "../../network/witness/view.js";
import type { EventHub } from "./events.js";
import type { Metrics } from "./metrics.js";
import type { Slots } from "./slots.js";

/** What routes work with. */
export interface Services {
  readonly view: WitnessView;
  readonly hub: EventHub;
  readonly metrics: Metrics;
  readonly downloads: Slots;
}
