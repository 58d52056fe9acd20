import { type Agent, createAgent } from "../../agent/agent.js";
import type { AgentEvent } from "../../agent/agent-ports.js";
import type { AgentConfig } from "../../agent/config.js";
import type { Clock } from "../../agent/ports/clock.js";
import type { Flash } from "../../agent/ports/flash.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import type { Link } from "../../agent/ports/link.js";
import type { SensorConfig } from "../../agent/sampler.js";
import { random } from "../../node/ports/random.js";
import { createSigner } from "../../node/ports/signer.js";

/** What a simulated board has of its own. */
export interface BoardInit {
  readonly privateKey: Uint8Array;
  readonly store: KeyValue<string>;
  /** The journal's. */
  readonly flash: Flash;
  /** Whether the flash outlives this process. Where it does not, an engine may use one of its own of the same geometry. */
  readonly isFlashKept: boolean;
  readonly clock: Clock;
  readonly links: readonly Link[];
  readonly sensors: readonly SensorConfig[];
  readonly observe: (event: AgentEvent) => void;
  /** The board stopped by itself, as boards on an engine with limits may: says why. */
  readonly ended: (reason: string) => void;
}

/** A board, wherever it runs. */
export type BoardHandle = Pick<Agent, "start" | "finish" | "stop">;

/** The agent with Node's ports: the composition root of one simulated board. */
export function createBoard(init: BoardInit, config: AgentConfig): BoardHandle {
  const { privateKey, ended: _, isFlashKept: __, ...ports } = init;
  return createAgent({ ...ports, random, signer: createSigner(privateKey) }, config);
}
