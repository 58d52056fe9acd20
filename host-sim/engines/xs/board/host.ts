/** What xs-host gives every board: native/natives.c. Byte arrays are read or filled during the call, and not kept. */
export interface Host {
  /** ECDSA over a 32-byte digest with the board's key: RFC 6979, low S; 64 bytes to `into` from `at`. */
  sign(digest: Uint8Array, into: Uint8Array, at: number): void;
  /** 33 bytes, compressed. */
  publicKey(into: Uint8Array): void;
  sha256(data: Uint8Array, into: Uint8Array, at: number): void;
  random(into: Uint8Array): void;
  /** Whether r‖s is a signature over the digest by the key; false for anything that is not. */
  verify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean;
  /** Milliseconds, as they came with the message that is being handled. */
  uptime(): number;
  /** ASCII in one piece; other bytes become "?". In script, each character would copy all before it. */
  text(bytes: Uint8Array): string;
  /** The little-endian double at `at`. */
  double(bytes: Uint8Array, at: number): number;
  /** A message to Node: what `parts` hold, one after another; a number is a little-endian double. At most three. */
  send(kind: number, id: number, ...parts: (Uint8Array | number)[]): void;
  /**
   * A message that Node answers before this returns. The answer's bytes come into `into`; without it there must be none. Returns how
   * many. Throws what Node throws; does not return where Node cuts the power. Only on boards that Node drives synchronously.
   */
  call(kind: number, id: number, into: Uint8Array | undefined, ...parts: (Uint8Array | number)[]): number;
  /** The board's own flash, as agent/ports/flash.ts has it. Throws where the board has none. */
  flashRead(address: number, into: Uint8Array): void;
  flashProgram(address: number, bytes: Uint8Array): void;
  flashErase(address: number): void;
  /** To the serial port, which may drop what it cannot take. Throws where the board has none. */
  serialWrite(bytes: Uint8Array): void;
}

export const host: Host = (globalThis as unknown as { readonly host: Host }).host;
