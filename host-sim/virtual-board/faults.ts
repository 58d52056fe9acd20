import { InputError } from "../../agent/input-error.js";
import type { ChipName } from "../../provision/flash/chips.js";
import type { PortSide } from "./port.js";
import { CHIP_MODELS } from "./rom/chips.js";
import { type WireFaultOptions, WireFaults } from "./rom/wire-faults.js";

/** What can be wrong with a simulated board. */
export interface BoardFaults extends WireFaultOptions {
  /** Another chip than the label says. */
  readonly chip?: ChipName;
  /** Addresses of the flash in sectors that are bad. */
  readonly bad?: readonly number[];
  readonly wifiRefuses?: boolean;
}

/** A fault by name, and what its number is. */
export const FAULTS: Readonly<Record<string, { readonly help: string; read(given: string): BoardFaults }>> = {
  noise: {
    help: "noise:N turns a bit in N of a million bytes",
    read: (given) => ({ noise: integer("noise", given, 0, 1_000_000) }),
  },
  cut: {
    help: "cut:N pulls the cable when N bytes went over it",
    read: (given) => ({ cutAt: integer("cut", given, 0, 2 ** 40) }),
  },
  "wrong-chip": {
    help: `wrong-chip:NAME has another chip: ${Object.keys(CHIP_MODELS).join(", ")}`,
    read: (given) => {
      if (!Object.hasOwn(CHIP_MODELS, given))
        refuse("wrong-chip", given, Object.keys(CHIP_MODELS).join(", "));
      return { chip: given as ChipName };
    },
  },
  "bad-sector": {
    help: "bad-sector:ADDRESS has a sector of flash that keeps something else",
    read: (given) => ({ bad: [integer("bad-sector", given, 0, 2 ** 24)] }),
  },
  "wifi-refuses": {
    help: "wifi-refuses lets the board into no network",
    read: () => ({ wifiRefuses: true }),
  },
};

/** `name` or `name:number`. Throws InputError that names the faults that there are. */
export function readFault(text: string, before: BoardFaults = {}): BoardFaults {
  const [name = "", given = ""] = text.split(":", 2);
  const fault = FAULTS[name];
  if (fault === undefined) refuse("fault", name, `one of ${Object.keys(FAULTS).join(", ")}`);
  const read = fault.read(given);
  const bad = [...(before.bad ?? []), ...(read.bad ?? [])];
  return { ...before, ...read, ...(bad.length > 0 && { bad }) };
}

/** The port as it is with a bad cable. */
export function faultyPort(port: PortSide, faults: BoardFaults): PortSide {
  if (faults.noise === undefined && faults.cutAt === undefined) return port;
  const wire = new WireFaults(faults, () => port.cut());
  const carried = (data: Uint8Array) => wire.carried(data, 0, 0);
  return {
    ...port,
    onData: (handler) => port.onData((data) => handler(carried(data))),
    write: (bytes) => port.write(carried(bytes)),
  };
}

function integer(name: string, given: string, least: number, most: number): number {
  const value = Number(given);
  if (!/^(\d+|0x[0-9a-f]+)$/i.test(given) || value < least || value > most)
    refuse(name, given, `a whole number from ${least} to ${most}, for instance ${name}:${least + 100}`);
  return value;
}

function refuse(name: string, given: string, allowed: string): never {
  throw new InputError(`${name}: "${given}" is not ${allowed}`);
}
