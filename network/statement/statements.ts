import { stringWord, structHash, typedDigest, uintWord } from "./eip712.js";

/**
 * What a witness signs. `domain`: the separator. Each function returns the 32 bytes that are
 * signed. The types stand in docs/network.md.
 */

const WITNESS = "Witness(string network,string name,bytes32 logKey)";
const INVENTORY = "Inventory(string network,uint64 epoch,bytes32 body)";
const SAY = "Say(string network,uint64 slot,uint8 kind,bytes32 record)";

/** What a witness says about a slot; in this order they are 0, 1 and 2. */
export const SAY_KINDS = ["vote", "void", "final"] as const;
export type SayKind = (typeof SAY_KINDS)[number];

/** The first entry of a log: whose it is. `logKey`: Ed25519, 32 bytes. */
export function witnessDigest(
  domain: Uint8Array,
  { network, name, logKey }: { readonly network: string; readonly name: string; readonly logKey: Uint8Array },
): Uint8Array {
  return typedDigest(domain, structHash(WITNESS, [stringWord(network), stringWord(name), logKey]));
}

/** What a witness has for an epoch. `body`: SHA-256 of the inventory's body (network/inventory/body.ts). */
export function inventoryDigest(
  domain: Uint8Array,
  { network, epoch, body }: { readonly network: string; readonly epoch: number; readonly body: Uint8Array },
): Uint8Array {
  return typedDigest(domain, structHash(INVENTORY, [stringWord(network), uintWord(epoch), body]));
}

/**
 * What a witness says about a slot (docs/network.md#slots). `record`: the hash of the record
 * (network/epoch/record.ts), and zeros where the slot is void.
 */
export function sayDigest(
  domain: Uint8Array,
  {
    network,
    slot,
    kind,
    record,
  }: {
    readonly network: string;
    readonly slot: number;
    readonly kind: SayKind;
    readonly record: Uint8Array;
  },
): Uint8Array {
  const words = [stringWord(network), uintWord(slot), uintWord(SAY_KINDS.indexOf(kind)), record];
  return typedDigest(domain, structHash(SAY, words));
}
