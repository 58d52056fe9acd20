import type { Agent } from "../../../../agent/agent.js";
import type { AgentPorts } from "../../../../agent/agent-ports.js";
import type { SensorConfig } from "../../../../agent/sampler.js";
import type { XsBoardConfig } from "../board.js";
import { FromBoard, ToBoard } from "../messages.js";
import type { HostClock } from "./clock.js";
import { observe } from "./events.js";
import { HostFlash, RemoteFlash } from "./flash.js";
import { HostLink } from "./link.js";
import { Names } from "./names.js";
import type { Receiver } from "./run.js";
import type { HostSensor } from "./sensor.js";
import { HostStore } from "./store.js";
import { text } from "./text.js";

/** The ports in which scripts differ. */
export interface OwnPorts extends Pick<AgentPorts, "random" | "signer"> {
  readonly clock: HostClock;
  readonly sensors: readonly SensorConfig[];
}

export interface BoardPorts extends AgentPorts {
  readonly clock: HostClock;
  readonly links: readonly HostLink[];
}

/** The agent's ports: `own`, and those that xs-host gives every script. */
export function portsOf(config: XsBoardConfig, { clock, random, signer, sensors }: OwnPorts): BoardPorts {
  const topics = new Names(FromBoard.topic);
  const store = new HostStore(config.store ?? {}, config.isRemote);
  config.store = undefined; // an array costs 16 bytes a number for as long as somebody has it
  return {
    clock,
    random,
    signer,
    store,
    flash: config.isRemote ? new RemoteFlash(config.flash) : new HostFlash(config.flash),
    about: config.about,
    links: config.links.map((name, index) => new HostLink(index, name, topics)),
    sensors,
    observe,
  };
}

/** Hands Node's messages to the agent and its ports. */
export class AgentBoard implements Receiver {
  readonly #agent: Agent;
  readonly #clock: HostClock;
  readonly #links: readonly HostLink[];
  readonly #sensors: readonly SensorConfig[];

  /** The agent comes made, not to be made in here: at its boot the stack is deep. */
  constructor(agent: Agent, { clock, links, sensors }: BoardPorts) {
    this.#agent = agent;
    this.#clock = clock;
    this.#links = links;
    this.#sensors = sensors;
  }

  /** Node sends samples only to a script whose sensors are all `HostSensor`. */
  private sensor(index: number): HostSensor | undefined {
    return this.#sensors[index]?.sensor as HostSensor | undefined;
  }

  receive(kind: number, id: number, bytes: Uint8Array | undefined): void {
    switch (kind) {
      case ToBoard.timerFired:
        this.#clock.fire(id);
        break;
      case ToBoard.sample:
        this.sensor(id)?.fill(bytes as Uint8Array);
        break;
      case ToBoard.sampleFailed:
        this.sensor(id)?.fail(text(bytes));
        break;
      case ToBoard.linkAcknowledged:
        this.#links[bytes?.[0] as number]?.acknowledged(id);
        break;
      case ToBoard.linkRefused:
        this.#links[bytes?.[0] as number]?.refused(id, text(bytes?.subarray(1)));
        break;
      case ToBoard.linkOpened:
        this.#links[id]?.opened();
        break;
      case ToBoard.linkClosed:
        this.#links[id]?.closed(text(bytes));
        break;
      case ToBoard.start:
        this.#agent.start();
        break;
      case ToBoard.finish:
        this.#agent.finish();
        break;
    }
  }
}
