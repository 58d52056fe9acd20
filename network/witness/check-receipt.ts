import { hex, isSameBytes, kidOfKey } from "../../agent/cose/kid.js";
import { createFrameChecker } from "../../agent/frame/check.js";
import { didOfKey, keyOfDid } from "../../agent/frame/identity.js";
import type { Frame } from "../../agent/frame/parse.js";
import { InputError } from "../../agent/input-error.js";
import type { SignatureChecker } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";
import { type InventoryBody, readBody } from "../inventory/body.js";
import { rootOfPath } from "../inventory/tree.js";
import { readNote } from "../log/note.js";
import { createVerifierKey, ED25519, type VerifierKey } from "../log/note-key.js";
import { openCheckpoint } from "../log/open-checkpoint.js";
import { verifyInclusion } from "../log/proof-check.js";
import { utf8Of } from "../log/text.js";
import { createTreeHasher } from "../log/tree-hash.js";
import type { NoteChecker } from "../ports/note-keys.js";
import type { StatementChecker } from "../ports/statement-keys.js";
import { domainSeparator } from "../statement/domain.js";
import { inventoryDigest, witnessDigest } from "../statement/statements.js";
import { readEntry, writeEntry } from "./entries.js";
import type { FrameReceipt } from "./frame-receipt.js";
import { leafOf } from "./make-inventory.js";

export interface ReceiptChecker {
  readonly signatures: SignatureChecker;
  readonly statements: StatementChecker;
  readonly notes: NoteChecker;
}

/** What a receipt proves. */
export interface ProvenReceipt {
  readonly frame: Frame;
  readonly device: string;
  readonly witness: string;
  /** As the witness calls itself, and its log's origin. */
  readonly name: string;
  readonly origin: string;
  readonly epoch: number;
  readonly inventory: InventoryBody;
  /** Entries of the log when the receipt was made. */
  readonly size: number;
  /** Names of those of `cosigners` that signed the checkpoint. */
  readonly cosigners: readonly string[];
}

/**
 * Checks a receipt by nothing but what is in it. Throws InputError that says which step failed.
 * Whether the device is enrolled, and whether the witness is one of the network, only a registry and
 * a description can say.
 */
export function checkReceipt(
  receipt: FrameReceipt,
  checker: ReceiptChecker,
  cosigners: readonly VerifierKey[] = [],
): ProvenReceipt {
  const { signatures, statements, notes } = checker;
  const { network, device, witness, log } = receipt;
  const domain = domainSeparator(receipt.domain);

  const publicKey = keyOfDid(device);
  const kid = kidOfKey(publicKey, signatures);
  const keys = { network, publicKey: (of: Uint8Array) => (isSameBytes(of, kid) ? publicKey : undefined) };
  const checked = createFrameChecker(keys, signatures).check(receipt.frame);
  if ("failure" in checked) throw wrong(`the frame is not the device's: ${checked.failure.detail}`);
  const { frame } = checked;

  const { epoch, body: bodyBytes, signature, path } = receipt.inventory;
  const body = readBody(bodyBytes);
  if (body === undefined) throw wrong("the inventory's body cannot be read");
  const leaf = leafOf(frame, kid, signatures);
  const root = rootOfPath(leaf.key, leaf.hash, path, signatures);
  if (root === undefined || !isSameBytes(root, body.root))
    throw wrong("the path does not lead from the frame to the inventory's root");
  const inventory = { network, epoch, body: digestOf(bodyBytes, signatures) };
  const signer = statements.recover(signature, inventoryDigest(domain, inventory));
  if (signer === undefined || didOfKey(signer) !== witness)
    throw wrong("the inventory is not signed by the witness");

  const first = readEntry(log.first);
  if (first?.kind !== "witness") throw wrong("the log's first entry does not say whose it is");
  const { name, logKey } = first;
  const owner = statements.recover(first.signature, witnessDigest(domain, { network, name, logKey }));
  if (first.network !== network || owner === undefined || didOfKey(owner) !== witness)
    throw wrong("the log is not the witness's");
  const note = utf8Of(log.checkpoint);
  const origin = readNote(note).text.split("\n", 1)[0] ?? "";
  const logVerifier = createVerifierKey(signatures, origin, ED25519, logKey);
  const { checkpoint, verified } = openCheckpoint(note, logVerifier, notes, cosigners);
  if (checkpoint.size !== log.size) throw wrong("the checkpoint is of another size");
  const tree = createTreeHasher(signatures);
  const entry = writeEntry({ kind: "inventory", epoch, body: bodyBytes, signature });
  const isIn = (index: number, bytes: Uint8Array, proof: readonly Uint8Array[]) =>
    verifyInclusion(tree, index, log.size, tree.leaf(bytes), proof, checkpoint.root);
  if (!isIn(0, log.first, log.firstProof)) throw wrong("the log does not begin with that first entry");
  if (!isIn(log.index, entry, log.proof)) throw wrong("the inventory is not in the log");
  const names = cosigners
    .filter((key) => verified.some(({ name, id }) => name === key.name && id === key.id))
    .map((key) => key.name);
  return { frame, device, witness, name, origin, epoch, inventory: body, size: log.size, cosigners: names };
}

const wrong = (what: string) => new InputError(`the receipt proves nothing: ${what}`);

/** For messages: `<kid> <boot>:<sequence>`. */
export const frameName = ({ kid, boot, sequence }: Frame): string => `${hex(kid)} ${boot}:${sequence}`;
