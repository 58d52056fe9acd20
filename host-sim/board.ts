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
  /** The board stopped by itself, as boards on an engine with limits may: says why. */
  readonly ended: (reason: string) => void;
}

export interface BoardConfig extends AgentConfig {
  /** Frames that the board keeps while no broker takes them. */
  readonly outboxFrames: number;
}

/** A board, wherever it runs. */
export type BoardHandle = Pick<Agent, "start" | "finish" | "stop">;

/** The agent with Node's ports: the composition root of one simulated board. */
export function createBoard(init: BoardInit, config: BoardConfig): BoardHandle {
  const { privateKey, ended: _, ...ports } = init;
  return createAgent(
    {
      ...ports,
      random,
      signer: createSigner(privateKey),
      outbox: createMemoryOutbox(config.outboxFrames, config.frameBytes),
    },
    config,
  );
}
