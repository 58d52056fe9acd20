import { cpus, release, type } from "node:os";
import type { Figure, Section } from "./harness.js";
import { renderFigures } from "./render.js";

export interface Streams {
  out(text: string): void;
  error(text: string): void;
}

/**
 * Runs the sections that `argv` names, or all, and prints their figures. Returns the exit code: 0, or 2 where
 * `argv` asks for what there is not. A goal that is missed is printed and is no error.
 */
export async function runBench(
  argv: readonly string[],
  sections: readonly Section[],
  streams: Streams,
): Promise<number> {
  const options = argv.filter((argument) => argument.startsWith("-"));
  const names = argv.filter((argument) => !argument.startsWith("-"));
  const known = sections.map((section) => section.name);
  const unknownOption = options.find((option) => option !== "--json");
  const unknownName = names.find((name) => !known.includes(name));
  if (unknownOption !== undefined) {
    streams.error(`unknown option ${unknownOption}: there is --json\n`);
    return 2;
  }
  if (unknownName !== undefined) {
    streams.error(`unknown section "${unknownName}": there is ${known.join(", ")}\n`);
    return 2;
  }

  const asJson = options.includes("--json");
  const machine = {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    node: process.version,
    os: os(),
  };
  const all: (Figure & { readonly section: string })[] = [];
  if (!asJson) streams.out(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.os}\n`);
  for (const section of sections) {
    if (names.length > 0 && !names.includes(section.name)) continue;
    const figures = await section.run();
    all.push(...figures.map((figure) => ({ section: section.name, ...figure })));
    if (!asJson) streams.out(`\n${section.name}\n${renderFigures(figures)}`);
  }
  if (asJson) streams.out(`${JSON.stringify({ machine, figures: all }, null, 2)}\n`);
  return 0;
}

function os(): string {
  return `${type()} ${release()} ${process.arch}`;
}
