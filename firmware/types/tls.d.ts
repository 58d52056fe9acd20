/**
 * What firmware/ports/tls uses of the SDK's TLS (release 8.2.3, modules/crypt), none of which @moddable/typings or the SDK declares. Who
 * imports one refers to this file, so that mcconfig's compiler finds it too.
 */
declare module "ssl/session" {
  /** What a session writes to; `readable` 0 keeps it from reading. */
  export interface Carrier {
    readable: number;
    writable: number;
    write(packet: Uint8Array): number;
  }
  class Session {
    constructor(options: { serverName: string; protocolVersion: number });
    initiateHandshake(): void;
    /** The next step of the handshake, whose messages were taken; true at its end, be it a good one or not. */
    handshake(carrier: Carrier): boolean;
    write(carrier: Carrier, data: Uint8Array, options?: { more?: boolean; byteLength?: number }): number;
    certificateManager: object;
    readonly alert?: { readonly level: number; readonly description: number };
    readonly masterSecret?: object;
    readonly clientCipher: object | null;
    readonly serverCipher: object | null;
    applicationData?: Uint8Array & { readonly position: number; readonly end: number };
  }
  export default Session;
}

declare module "ssl/record" {
  import type Session from "ssl/session";

  /** Decrypts one whole record and gives it to the session. */
  const recordProtocol: { unpacketize(session: Session, record: Uint8Array): void };
  export default recordProtocol;
}

declare module "ssl/cert" {
  import type { Certificate, PublicKey } from "x509";

  class CertificateManager {
    constructor(options: object);
    /** Whether the host may have this chain, its own certificate first. */
    verify(chain: readonly Uint8Array[], options: { readonly tls_server_name: string }): boolean;
    /** Whether this key signed this certificate. */
    _verify(key: PublicKey, certificate: Certificate): boolean;
  }
  export default CertificateManager;
}

declare module "x509" {
  export interface PublicKey {
    /** Of RSA keys. */
    readonly exponent?: bigint;
  }
  export interface Certificate {
    readonly tbs: Uint8Array;
    readonly sig: Uint8Array | ArrayBuffer;
  }
  const X509: {
    decode(certificate: Uint8Array): Certificate;
    decodeTBS(tbs: Uint8Array): { readonly validity: { readonly from: number; readonly to: number } };
    decodeSPKI(certificate: Uint8Array): PublicKey;
    /** Names by the tags of RFC 5280 §4.2.1.6: 2 a DNS name, 7 an address. */
    decodeSAN(certificate: Uint8Array): readonly { tag: number; value: string | ArrayBuffer }[] | undefined;
    /** The content of an extension's OCTET STRING. */
    decodeExtension(certificate: Uint8Array, id: readonly number[]): Uint8Array | ArrayBuffer | undefined;
  };
  export default X509;
}

declare module "rng" {
  const RNG: { init(seed: ArrayBufferLike): void };
  export default RNG;
}
