import type { Agent } from "../../agent/agent.js";
import type { WitnessConfig } from "../../agent/receipt/witness-config.js";
import type { UplinkConfig } from "../../agent/uplink/uplink.js";
import { createVirtualBoard, type VirtualBoardPorts } from "./agent-under-test.js";
import type { BoardSigner } from "./ports.js";

/** What a board's program is given at each power-on. */
export interface Boot {
  readonly board: number;
  readonly privateKey: Uint8Array;
  readonly ports: VirtualBoardPorts;
  readonly uplink: UplinkConfig;
  /** Whom frames wait for; left out, brokers. */
  readonly witnesses?: WitnessConfig | undefined;
  /** Hears of every signature before it is made, wherever that is. */
  readonly signer: BoardSigner;
  /** The program ended by itself, as it may on an engine with limits. */
  readonly ended: (reason: string) => void;
}

/** A board's program in one life. */
export interface RunningAgent extends Pick<Agent, "boot" | "start" | "finish" | "receive"> {
  /** The power is gone: nothing is done any more, and nothing said. Also from inside of a port. */
  powerOff(): void;
}

/** Where the boards of a world run. */
export interface VirtualEngine {
  readonly name: "node" | "xs";
  /** Runs the program up to where it has its boot number. Throws what the program throws, and where it ends before. */
  boot(boot: Boot): RunningAgent;
  /** A run is over: no board of it goes on. */
  clear(): void;
}

/** In this process. */
export const NODE: VirtualEngine = {
  name: "node",
  boot({ ports, uplink, witnesses }) {
    const agent = createVirtualBoard(ports, uplink, witnesses);
    return {
      boot: agent.boot,
      start: () => agent.start(),
      finish: () => agent.finish(),
      receive: (message) => agent.receive(message),
      powerOff() {}, // its life has ended, and its ports do nothing any more
    };
  },
  clear() {},
};
