import { addressWord, stringWord, structHash, uintWord } from "./eip712.js";

/** Where statements are valid. Without a chain: zeros. */
export interface StatementDomain {
  readonly chain: number;
  /** Of the contract, 20 bytes. */
  readonly contract: Uint8Array;
}

export const NO_CHAIN: StatementDomain = { chain: 0, contract: new Uint8Array(20) };

const DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

/** EIP-712's domain separator, 32 bytes. */
export function domainSeparator({ chain, contract }: StatementDomain): Uint8Array {
  const words = [stringWord("Fieldmark"), stringWord("1"), uintWord(chain), addressWord(contract)];
  return structHash(DOMAIN, words);
}
