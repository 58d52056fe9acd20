/** RFC 5246 §6.2.1 and §7.4. */
const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const SERVER_HELLO = 2;
const CERTIFICATE = 11;
const SERVER_KEY_EXCHANGE = 12;
const SERVER_HELLO_DONE = 14;
const HEADER_BYTES = 5;
const MESSAGE_HEADER_BYTES = 4;
/** RFC 5246 §7.4.1.4.1, those that the SDK's client offers: SHA-256 with RSA or ECDSA. */
const SHA256 = 4;
const RSA = 1;
const ECDSA = 3;
/** RFC 8422 §5.4. */
const NAMED_CURVE = 3;
/** X.690: tags. */
const SEQUENCE = 0x30;
const INTEGER = 2;
/** Shortest fragment under any cipher that the SDK's client offers: GCM's explicit nonce of 8 bytes and tag of 16. */
const SHORTEST_SEALED = 8 + 16;

/** What the guard asks of a TLS session. */
export interface HandshakeState {
  readonly masterSecret?: object;
  readonly serverCipher: object | null;
}

/**
 * Looks at each record before the SDK's TLS does, which believes a peer too much: it takes messages in any order, keys before a
 * secret was agreed, data before the handshake's end, and a key exchange that is not signed. Any of these lets somebody between a board and its
 * broker be the broker.
 */
export class RecordGuard {
  /** The handshake's messages come in the order of their types, each once (RFC 5246 §7.3). */
  #last = 0;

  /** `record`: whole, header and all. Throws Error that says what is wrong with it. */
  check(record: Uint8Array, state: HandshakeState, isReady: boolean): void {
    const type = record[0] as number;
    if (state.serverCipher !== null && record.length - HEADER_BYTES < SHORTEST_SEALED)
      throw new Error("a record too short for its cipher");
    if (isReady ? type === APPLICATION_DATA || type === ALERT : type === ALERT) return;
    if (isReady || type === APPLICATION_DATA) throw new Error(`a record of type ${type} out of order`);
    if (type === CHANGE_CIPHER_SPEC) {
      if (state.masterSecret === undefined || state.serverCipher !== null)
        throw new Error("a change of cipher out of order");
    } else if (type === HANDSHAKE) {
      if (state.serverCipher === null) this.checkMessages(record);
    } else throw new Error(`a record of type ${type}`);
  }

  /** Messages that are not encrypted. Each must be whole: the SDK does not put pieces together. */
  private checkMessages(record: Uint8Array): void {
    for (let at = HEADER_BYTES; at < record.length; ) {
      const byte = (index: number) => record[at + index] ?? 0;
      const type = byte(0);
      const length = (byte(1) << 16) | (byte(2) << 8) | byte(3);
      const end = at + MESSAGE_HEADER_BYTES + length;
      if (end > record.length) throw new Error("a handshake message in pieces");
      if (type < SERVER_HELLO || type > SERVER_HELLO_DONE || type <= this.#last)
        throw new Error(`handshake message ${type} out of order`);
      if (type > CERTIFICATE && this.#last < CERTIFICATE) throw new Error("no certificate");
      if (type === SERVER_KEY_EXCHANGE) checkKeyExchange(record.subarray(at + MESSAGE_HEADER_BYTES, end));
      this.#last = type;
      at = end;
    }
  }
}

/** RFC 8422 §5.4: curve type, curve, point, then hash and signature algorithm and the signature, which the SDK leaves out of its check where it knows neither. */
function checkKeyExchange(message: Uint8Array): void {
  const at = 4 + (message[3] ?? 0);
  const signature = message[at + 1];
  if (message[0] !== NAMED_CURVE || message[at] !== SHA256 || (signature !== RSA && signature !== ECDSA))
    throw new Error("a key exchange that is not signed as offered");
  if (signature === ECDSA && isZeroEcdsa(message.subarray(at + 4)))
    throw new Error("a key exchange with a signature of zero");
}

/**
 * Whether an ECDSA signature (RFC 3279 §2.2.3: SEQUENCE of two INTEGER, in DER) has r = 0, which the SDK's check of it does not look at, or is no
 * such thing.
 */
export function isZeroEcdsa(signature: Uint8Array): boolean {
  const [sequence, length = 0x80, integer, rLength = 0] = signature;
  if (sequence !== SEQUENCE || length >= 0x80 || integer !== INTEGER) return true;
  for (let i = 4; i < 4 + rLength; i++) if ((signature[i] ?? 0) !== 0) return false;
  return true;
}
