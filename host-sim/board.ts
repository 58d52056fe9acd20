import { type Agent, type AgentEvent, createAgent } from "../agent/agent.js";
import type { AgentConfig } from "../agent/config.js";
import { createMemoryOutbox } from "../agent/outbox/memory.js";
import type { Clock } from "../agent/ports/clock.js";
import type { KeyValue } from "../agent/ports/key-value.js";
import type { Link } from "../agent/ports/link.js";
import type { SensorConfig } from "../agent/sampler.js";
import { random } from "./ports/random.js";
import { createSigner } from "./ports/signer.js";

/** What a simulated board has of its own. */
export interface BoardInit {
  readonly privateKey: Uint8Array;
  readonly store: KeyValue;
  readonly clock: Clock;
  readonly links: readonly Link[];
  readonly sensors: readonly SensorConfig[];
  readonly observe: (event: AgentEvent) => void;
}

/** Frames that a board keeps while no broker takes them. */
const OUTBOX_FRAMES = 64;

/** The agent with Node's ports: the composition root of one simulated board. */
export function createBoard(init: BoardInit, config: AgentConfig): Agent {
  const { privateKey, ...ports } = init;
  return createAgent(
    {
      ...ports,
      random,
      signer: createSigner(privateKey),
      outbox: createMemoryOutbox(OUTBOX_FRAMES, config.frameBytes),
    },
    config,
  );
}
