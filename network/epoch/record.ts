import { structHash, uintWord } from "../statement/eip712.js";

/**
 * What witnesses agree on about an epoch. Hashes have 32 bytes. Anybody makes the same record from
 * its parent's state and its inputs.
 */
export interface EpochRecord {
  /** SHA-256 of the description that is in force, and of the one that is from the next slot on. */
  readonly description: Uint8Array;
  readonly next: Uint8Array;
  readonly slot: number;
  readonly epoch: number;
  /** The hash of the record before it; zeros: it is the first. */
  readonly parent: Uint8Array;
  /** SHA-256 of the inputs in their one encoding (network/epoch/inputs.ts). */
  readonly inputs: Uint8Array;
  /** The root of the state after it (network/epoch/state.ts). */
  readonly state: Uint8Array;
  /** The root of what is owed to all until now, and its sum. */
  readonly payouts: Uint8Array;
  readonly total: number;
}

const RECORD =
  "Record(bytes32 description,bytes32 next,uint64 slot,uint64 epoch,bytes32 parent," +
  "bytes32 inputs,bytes32 state,bytes32 payouts,uint256 total)";

/** EIP-712's hash of the struct, 32 bytes: what votes name. */
export function recordHash(record: EpochRecord): Uint8Array {
  const { description, next, slot, epoch, parent, inputs, state, payouts, total } = record;
  return structHash(RECORD, [
    description,
    next,
    uintWord(slot),
    uintWord(epoch),
    parent,
    inputs,
    state,
    payouts,
    uintWord(total),
  ]);
}
