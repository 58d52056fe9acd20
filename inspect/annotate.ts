import type { CheckFailure } from "../agent/frame/check.js";
import { type Frame, parseFrame } from "../agent/frame/parse.js";
import { type DeviceName, frameRole } from "./roles.js";
import { type AnnotatedLine, walk } from "./walk.js";

export { renderAnnotation } from "./render.js";
export type { AnnotatedLine };

export interface AnnotationContext {
  /** What to call the device that a kid stands for. */
  readonly deviceName?: DeviceName;
  /** Says more than the strict parse, which is asked otherwise: for instance createFrameChecker's `check`. */
  readonly judge?: (bytes: Uint8Array) => { readonly frame: Frame } | { readonly failure: CheckFailure };
}

/**
 * A frame laid open: lines that hold each byte of it exactly once, and a last line with the verdict. Bytes that
 * are no frame, or a damaged one, are shown as far as they are CBOR of any form (RFC 8949). Never throws.
 */
export function annotateFrame(bytes: Uint8Array, context: AnnotationContext = {}): AnnotatedLine[] {
  const lines = walk(bytes, frameRole(context.deviceName ?? (() => undefined)));
  const result = (context.judge ?? parseFrame)(bytes);
  if (!("failure" in result)) return [...lines, verdictLine(bytes.length, context)];
  const { verdict, detail, offset } = result.failure;
  if (offset === undefined) return [...lines, conclusion(bytes.length, verdict, detail)];
  const flawed = lines.map((line) => (holds(line, offset, bytes.length) ? { ...line, flaw: verdict } : line));
  return [...flawed, conclusion(offset, verdict, detail)];
}

function verdictLine(offset: number, { judge }: AnnotationContext): AnnotatedLine {
  return judge === undefined
    ? conclusion(offset, "well-formed", "the strict parse finds no flaw; the signature was not checked")
    : conclusion(offset, "ok", "");
}

function conclusion(offset: number, value: string, meaning: string): AnnotatedLine {
  return { offset, hex: "", depth: 0, value, meaning };
}

/** Whether the byte at `offset` is in the line. The end of the input is where it was found missing. */
function holds(line: AnnotatedLine, offset: number, end: number): boolean {
  if (line.hex === "") return line.offset === offset && offset === end;
  return line.offset <= offset && offset < line.offset + line.hex.length / 2;
}
