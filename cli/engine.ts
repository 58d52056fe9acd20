import { type Engine, nodeEngine } from "../host-sim/engines/engine.js";
import { startRv32Engine } from "../host-sim/engines/rv32/engine.js";
import { startXsEngine, type XsEngineOptions } from "../host-sim/engines/xs/engine.js";
import { findCompiler, missingCompiler } from "../node/compiler.js";

/**
 * The engine that was asked for, or else XS where it can be had and Node's where it cannot; then `warn` is told once, in
 * one line, why. Throws where XS was asked for and cannot be had.
 */
export async function startEngine(
  asked: Engine["name"] | undefined,
  options: XsEngineOptions,
  warn: (line: string) => void,
): Promise<Engine> {
  if (asked === "node") return nodeEngine;
  if (asked === "xs") return startXsEngine(options);
  if (asked === "rv32") return startRv32Engine(options);
  if (findCompiler() === undefined) {
    warn(
      `there is no C compiler, so boards run on Node's engine; for the one that boards have, ${missingCompiler()}`,
    );
    return nodeEngine;
  }
  try {
    return await startXsEngine(options);
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    warn(`the XS engine cannot be had, so boards run on Node's engine: ${reason} (--engine xs says more)`);
    return nodeEngine;
  }
}
