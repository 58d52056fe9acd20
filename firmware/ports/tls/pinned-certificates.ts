/// <reference path="../../types/tls.d.ts" />
import CertificateManager from "ssl/cert";
import X509, { type PublicKey } from "x509";
import { checkCertificateForm } from "../../../agent/settings/certificate-form.js";
import { isZeroEcdsa } from "./record-guard.js";

/** RFC 5280 §4.2.1.9 and §4.2.1.6. */
const BASIC_CONSTRAINTS = Object.freeze([2, 5, 29, 19]);
const DNS_NAME = 2;
const ADDRESS = 7;
/** DER: SEQUENCE { BOOLEAN TRUE … */
const SEQUENCE = 0x30;
const BOOLEAN = 1;
/** The SDK's check of an RSA signature does not hold where the exponent is small (Bleichenbacher's forgery of 2006). */
const LEAST_EXPONENT = 65_537n;
const LONGEST_CHAIN = 4;

/**
 * Whom a session believes: the host whose certificate is the pinned one, or was signed by it, directly or by authorities that it signed.
 * The SDK's own check takes a host's word for its name where somebody else's certificates follow its own.
 */
export class PinnedCertificates extends CertificateManager {
  readonly #pinned: Uint8Array;

  /** `pinned`: X.509 in DER. */
  constructor(pinned: Uint8Array) {
    super({});
    this.#pinned = pinned;
  }

  /** Throws Error that says what is wrong; never returns false. */
  override verify(chain: readonly Uint8Array[], options: { readonly tls_server_name: string }): boolean {
    const [own] = chain;
    if (own === undefined || chain.length > LONGEST_CHAIN)
      throw new Error(`certificate: a chain of ${chain.length}`);
    for (const certificate of chain) checkCertificateForm(certificate);
    checkDates(own, "the host's");
    if (isSame(own, this.#pinned)) return true;
    if (!names(own).some((name) => isNamed(name, options.tls_server_name.toLowerCase())))
      throw new Error(`certificate: it is not for ${options.tls_server_name}`);
    checkDates(this.#pinned, "the pinned one");
    this.verifyChain(chain);
    return true;
  }

  /** From the pinned one down, so that no key is used before it is known to be good. */
  private verifyChain(chain: readonly Uint8Array[]): void {
    const anchor = X509.decodeSPKI(this.#pinned);
    let top = chain.findIndex((certificate) => this.hasSigned(anchor, certificate));
    if (top < 0) throw new Error("certificate: the pinned one did not sign it");
    for (; top > 0; top--) {
      const authority = chain[top] as Uint8Array;
      checkDates(authority, "an authority's");
      if (
        !isAuthority(authority) ||
        !this.hasSigned(X509.decodeSPKI(authority), chain[top - 1] as Uint8Array)
      )
        throw new Error("certificate: the chain to the pinned one is broken");
    }
  }

  private hasSigned(key: PublicKey, certificate: Uint8Array): boolean {
    const decoded = X509.decode(certificate);
    const isRsa = key.exponent !== undefined;
    if (isRsa ? (key.exponent as bigint) < LEAST_EXPONENT : isZeroEcdsa(new Uint8Array(decoded.sig)))
      return false;
    try {
      return this._verify(key, decoded);
    } catch {
      return false; // signed by another kind of key
    }
  }
}

function checkDates(certificate: Uint8Array, whose: string): void {
  const { from, to } = X509.decodeTBS(X509.decode(certificate).tbs).validity;
  const now = Date.now();
  if (!(from <= now && now <= to))
    throw new Error(
      `certificate: ${whose} is valid from ${dateOf(from)} to ${dateOf(to)}, and here it is ${dateOf(now)}`,
    );
}

const dateOf = (time: number) => new Date(time).toISOString().slice(0, 10);

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The names and IPv4 addresses that a certificate is for, in lower case. */
function names(certificate: Uint8Array): string[] {
  const found: string[] = [];
  for (const { tag, value } of X509.decodeSAN(certificate) ?? [])
    if (tag === DNS_NAME) found.push(String(value).toLowerCase());
    else if (tag === ADDRESS) found.push(new Uint8Array(value as ArrayBuffer).join("."));
  return found;
}

/** RFC 6125 §6.4.3: a wildcard stands for all of the first label, and for nothing else. */
function isNamed(name: string, host: string): boolean {
  if (!name.startsWith("*.")) return name === host;
  const dot = host.indexOf(".");
  return dot > 0 && name.slice(1) === host.slice(dot);
}

function isAuthority(certificate: Uint8Array): boolean {
  const found = X509.decodeExtension(certificate, BASIC_CONSTRAINTS);
  if (found === undefined) return false;
  const [sequence, , tag, length, value] = new Uint8Array(found);
  return sequence === SEQUENCE && tag === BOOLEAN && length === 1 && value !== 0;
}
