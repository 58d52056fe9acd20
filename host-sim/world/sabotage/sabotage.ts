import type { UplinkConfig } from "../../../agent/uplink/uplink.js";
import type { VirtualBoardPorts } from "../agent-under-test.js";
import type { World } from "../world.js";

/** One thing that is broken on purpose, so that it can be seen whether the oracles notice. */
export interface Sabotage {
  /** For people. */
  readonly what: string;
  readonly uplink?: Partial<UplinkConfig>;
  /** Changes what a board's agent is given, at each boot. */
  readonly meddle?: Meddle;
  /** Changes the program itself, for one run. Returns what undoes it. */
  readonly install?: (world: World) => () => void;
}

/** What becomes of the ports of one board, at each boot. */
export type Meddle = (ports: VirtualBoardPorts) => VirtualBoardPorts;

type Method = (this: object, ...parameters: unknown[]) => unknown;

/** Puts `make(original)` in the place of a method. Returns what puts the original back. */
export function replaceMethod(holder: object, name: string, make: (original: Method) => Method): () => void {
  const found = Object.getOwnPropertyDescriptor(holder, name);
  if (typeof found?.value !== "function") throw new Error(`sabotage: there is no method ${name} any more`);
  Object.defineProperty(holder, name, { ...found, value: make(found.value as Method) });
  return () => {
    Object.defineProperty(holder, name, found);
  };
}
