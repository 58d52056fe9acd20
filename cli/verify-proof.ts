import { hex, isSameBytes } from "../agent/cose/kid.js";
import { createFrameChecker } from "../agent/frame/check.js";
import type { Frame } from "../agent/frame/parse.js";
import { InputError } from "../agent/input-error.js";
import type { VerifierKey } from "../network/log/note-key.js";
import { FrameSplitter } from "../network/sequence.js";
import type { Registry } from "../network/verify/registry.js";
import { checkReceipt, frameName } from "../network/witness/check-receipt.js";
import { readReceipt } from "../network/witness/frame-receipt.js";
import { noteChecker } from "../node/ports/note-keys.js";
import { signatureChecker } from "../node/ports/signer.js";
import { statementChecker } from "../node/ports/statement-keys.js";
import { visibleLine } from "../text/visible.js";
import { readJsonFile } from "./json-file.js";
import { print, printJson } from "./output.js";

const CHECKERS = { signatures: signatureChecker, statements: statementChecker, notes: noteChecker };

/**
 * Checks a receipt by what is in it alone, and says which of `cosigners` signed its checkpoint.
 * Throws Error where it proves nothing.
 */
export function verifyReceipt(file: string, cosigners: readonly VerifierKey[], isJson: boolean): void {
  const receipt = readReceipt(readJsonFile(file), file);
  let proven: ReturnType<typeof checkReceipt>;
  try {
    proven = checkReceipt(receipt, CHECKERS, cosigners);
  } catch (error) {
    if (error instanceof InputError) throw new Error(`${file}: ${visibleLine(error.message)}`);
    throw error;
  }
  const { frame, device, witness, name, origin, epoch, inventory, size } = proven;
  if (isJson) {
    const { boot, sequence } = frame;
    const { frames } = inventory;
    const signed = proven.cosigners;
    printJson({ ok: true, device, boot, sequence, witness, name, epoch, frames, size, cosigners: signed });
    return;
  }
  const names = proven.cosigners.map(visibleLine).join(", ");
  const count = `${proven.cosigners.length} of the ${cosigners.length} that were named`;
  const cosigned = cosigners.length === 0 ? "" : `\ncosigned   by ${count}${names && `: ${names}`}`;
  print(`${file}: ok
frame      ${frameName(frame)}, signed by ${device}
witness    ${visibleLine(name)}, ${witness}
inventory  of epoch ${epoch}, ${inventory.frames} frames
log        ${visibleLine(origin)}, ${size} entries${cosigned}`);
}

/**
 * Checks that a file of two frames proves a device's equivocation: one place, two contents, both
 * signed. Throws Error where it does not.
 */
export function verifyEvidence(file: string, bytes: Uint8Array, registry: Registry, isJson: boolean): void {
  const splitter = new FrameSplitter();
  const items = [...splitter.push(bytes), ...splitter.finish()];
  const frames = items.map((item) => ("failure" in item ? undefined : item.bytes));
  const [one, other] = frames;
  if (frames.length !== 2 || one === undefined || other === undefined)
    throw new InputError(`${file}: evidence is a file of two frames`);
  const keys = {
    network: registry.network,
    publicKey: (kid: Uint8Array) => registry.device(hex(kid))?.publicKey,
  };
  const checker = createFrameChecker(keys, signatureChecker);
  const checked = (bytes: Uint8Array): Frame => {
    const result = checker.check(bytes);
    if (!("failure" in result)) return result.frame;
    throw new Error(`${file}: it proves nothing: ${visibleLine(result.failure.detail)}`);
  };
  const [a, b] = [checked(one), checked(other)];
  const isOnePlace = isSameBytes(a.kid, b.kid) && a.boot === b.boot && a.sequence === b.sequence;
  if (!isOnePlace || isSameBytes(one, other))
    throw new Error(
      `${file}: it proves nothing: the frames are ${isOnePlace ? "the same" : "for two places"}`,
    );
  const device = registry.device(hex(a.kid))?.did;
  if (isJson) printJson({ ok: true, device, boot: a.boot, sequence: a.sequence });
  else print(`${file}: ok: ${device} signed two frames for one place, ${frameName(a)}`);
}
