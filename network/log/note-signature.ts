import type { NoteChecker, NoteKey } from "../ports/note-keys.js";
import type { Note, NoteSignature } from "./note.js";
import { COSIGNATURE, ED25519, type VerifierKey } from "./note-key.js";
import { utf8Of } from "./text.js";

/** Bytes of a cosignature's time before its Ed25519 signature: a uint64, big-endian. */
const TIME_BYTES = 8;

/** A signature that a known key made. */
export interface VerifiedSignature extends NoteSignature {
  /** Unix seconds at which a cosignature was made; undefined of a plain signature. */
  readonly time: number | undefined;
}

/** Signs a note's text, as an Ed25519 signature of signed-note. `key` must be of type ED25519. */
export function signText(text: string, key: VerifierKey, signer: NoteKey): NoteSignature {
  return { name: key.name, id: key.id, signature: signer.sign(utf8Of(text)) };
}

/**
 * Signs a checkpoint's text as cosignature/v1 (tlog-cosignature). `time`: Unix seconds, above 0.
 * `key` must be of type COSIGNATURE.
 */
export function cosignText(text: string, time: number, key: VerifierKey, signer: NoteKey): NoteSignature {
  const made = signer.sign(cosignedMessage(text, time));
  const signature = new Uint8Array(TIME_BYTES + made.length);
  new DataView(signature.buffer).setBigUint64(0, BigInt(time));
  signature.set(made, TIME_BYTES);
  return { name: key.name, id: key.id, signature };
}

/**
 * The signatures on a note by `keys`, in the note's order; those of unknown keys are passed over.
 * "wrong" where one that has a known key's name and id is not by it: the whole note is then refused.
 */
export function verifiedSignatures(
  { text, signatures }: Note,
  keys: readonly VerifierKey[],
  checker: NoteChecker,
): VerifiedSignature[] | "wrong" {
  const verified: VerifiedSignature[] = [];
  for (const signature of signatures) {
    const key = keys.find(({ name, id }) => name === signature.name && id === signature.id);
    if (key === undefined) continue;
    const found = verify(text, signature, key, checker);
    if (found === undefined) return "wrong";
    verified.push(found);
  }
  return verified;
}

function verify(
  text: string,
  given: NoteSignature,
  { type, publicKey }: VerifierKey,
  checker: NoteChecker,
): VerifiedSignature | undefined {
  const { signature } = given;
  if (type === ED25519)
    return checker.verify(signature, utf8Of(text), publicKey) ? { ...given, time: undefined } : undefined;
  if (type !== COSIGNATURE || signature.length < TIME_BYTES) return undefined;
  const time = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
  if (time === 0 || !Number.isSafeInteger(time)) return undefined;
  const isRight = checker.verify(signature.subarray(TIME_BYTES), cosignedMessage(text, time), publicKey);
  return isRight ? { ...given, time } : undefined;
}

const cosignedMessage = (text: string, time: number) => utf8Of(`cosignature/v1\ntime ${time}\n${text}`);
