export interface Random {
  /** Fills `into` with random bytes, fit for keys. */
  fill(into: Uint8Array): void;
}
