import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machineArguments, QEMU } from "./qemu.js";
import { type ElfSymbol, readSymbols } from "./symbols.js";

/** Where things lie in the memory of the image that makes the root (native/prepare.ld), from its start. */
const MEMORY = 32 << 20;
const START = 0x8000_0000;
const REGION = 0x100;
const REQUEST = 0x20_0000;
const RESULT = 0x20_1000;
const RESULT_BYTES = 4 * 10 + 256;
const SCRIPT = 0x21_0000;
const SCRIPT_BYTES = 0x40_0000 - SCRIPT;
/** How far the second image's code lies from the first's. */
export const SHIFT = 0x1_0000;

/** What the root machine is made with: slots and chunk bytes that its script needs at its fullest. */
export interface RootSize {
  readonly slots: number;
  readonly chunkBytes: number;
  readonly keys: number;
}

/** The memory of a root machine, as it is to lie at START + REGION. */
export interface RootImage {
  readonly bytes: Buffer;
  /** Offset of its txMachine. */
  readonly machine: number;
  /** Numbers of the names `host`, `boot` and `receive`. */
  readonly names: readonly number[];
  /** Slots and chunk bytes that live. */
  readonly slots: number;
  readonly chunkBytes: number;
  readonly keys: number;
  /** The machine's whole memory, for what the root points to. */
  readonly memory: Buffer;
}

/** Runs an image of native/prepare.c with a script. Throws an Error with what the script threw, or what it ran out of. */
export function runPrepare(image: string, script: Buffer, { slots, chunkBytes, keys }: RootSize): RootImage {
  if (script.length >= SCRIPT_BYTES) throw new Error(`a script of ${script.length} bytes is too long`);
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-rv32-"));
  try {
    const path = join(folder, "memory");
    const file = openSync(path, "w");
    truncateSync(path, MEMORY);
    const request = Buffer.alloc(16);
    for (const [at, value] of [script.length, slots, chunkBytes, keys].entries())
      request.writeUInt32LE(value, 4 * at);
    writeSync(file, request, 0, request.length, REQUEST);
    writeSync(file, script, 0, script.length, SCRIPT);
    closeSync(file);
    const { status, signal, stderr, error } = spawnSync(
      QEMU,
      [...machineArguments(path, MEMORY), "-serial", "none", "-kernel", image],
      { timeout: 60_000 },
    );
    if (status !== 0) throw new Error(`${QEMU}: ${error?.message ?? signal ?? stderr}`);
    return readResult(readFileSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readResult(memory: Buffer): RootImage {
  const result = memory.subarray(RESULT, RESULT + RESULT_BYTES);
  const word = (at: number) => result.readUInt32LE(4 * at);
  if (word(0) !== 1) {
    const text = result.toString("latin1", 4 * 10);
    throw new Error(`the root machine: ${text.slice(0, text.indexOf("\0")) || "was not made"}`);
  }
  return {
    bytes: memory.subarray(REGION, REGION + word(1)),
    machine: word(2),
    names: [word(3), word(4), word(5)],
    slots: word(6),
    chunkBytes: word(7),
    keys: word(8),
    memory,
  };
}

/**
 * Assembler for a root machine: its words, and by name what they point to outside of it. `first` and `second` were made by the same
 * image at addresses that are SHIFT apart: a word that differs by that is such a pointer. Throws an Error where anything else differs.
 */
export function assembleRoot(first: RootImage, second: RootImage, image: string): string {
  if (first.bytes.length !== second.bytes.length) throw new Error("two root machines of one script differ");
  const symbols = readSymbols(image).filter(({ kind }) => /[tTrRdDbB]/.test(kind));
  const lines = ['\t.section .root, "a"', "\t.globl rv_root_machine, rv_root_names, rv_root_end"];
  const strings = new Map<string, string>();
  for (let at = 0; at < first.bytes.length; at += 4) {
    if (at === first.machine) lines.push("rv_root_machine:");
    const [word, other] = [first.bytes.readUInt32LE(at), second.bytes.readUInt32LE(at)];
    if (word === other) lines.push(`\t.word ${word}`);
    else if (other - word === SHIFT) lines.push(`\t.word ${nameOf(word, symbols, strings, first.memory)}`);
    else throw new Error(`two root machines of one script differ at ${at}: ${word} and ${other}`);
  }
  lines.push(
    "rv_root_names:",
    `\t.word ${first.names.join(", ")}`,
    "rv_root_end:",
    "\t.section .rodata.names",
  );
  for (const [text, label] of strings)
    lines.push(`${label}:`, `\t.byte ${[...Buffer.from(text, "latin1"), 0].join()}`);
  return `${lines.join("\n")}\n`;
}

/** A symbol and what is to be added; a constant text, which has no name, gets one. */
function nameOf(
  address: number,
  symbols: readonly ElfSymbol[],
  strings: Map<string, string>,
  memory: Buffer,
): string {
  const found =
    symbols.find((symbol) => symbol.address === address && symbol.size > 0) ??
    symbols.find((symbol) => symbol.address < address && address < symbol.address + symbol.size);
  if (found !== undefined) {
    const more = address - found.address;
    return more === 0 ? found.name : `${found.name} + ${more}`;
  }
  const start = address - START;
  const text = memory.toString("latin1", start, memory.indexOf(0, start));
  if (!/^[\x20-\x7e]*$/.test(text))
    throw new Error(`the root machine points to 0x${address.toString(16)}, which has no name`);
  const label = strings.get(text) ?? `.Ltext${strings.size}`;
  strings.set(text, label);
  return label;
}
