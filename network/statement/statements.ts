import { stringWord, structHash, typedDigest, uintWord } from "./eip712.js";

/**
 * What a witness signs. `domain`: the separator. Each function returns the 32 bytes that are
 * signed. The types stand in docs/network.md.
 */

const WITNESS = "Witness(string network,string name,bytes32 logKey)";
const INVENTORY = "Inventory(string network,uint64 epoch,bytes32 body)";

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
