import type { Answer, Question } from "dns-packet";
import { type FoundBroker, SERVICES } from "../../agent/ports/discovery.js";

/** One service instance (RFC 6763 §4.1), as far as it is known. */
interface Instance {
  readonly name: string;
  readonly fullName: string;
  readonly tls: boolean;
  host?: string;
  port?: number;
  address?: string;
}

const DOMAINS = SERVICES.map(({ type, tls }) => ({ domain: `${type}.local`, tls }));
/** Kept at most; past it the oldest is forgotten, and learnt again from the next answer. */
const MAX_INSTANCES = 64;
/** Asked at most in one query, so that it fits into one packet of 1,472 bytes with names of 63. */
const MAX_QUESTIONS = 10;

/** What responders said: pointers to instances, and of these the host, port and address. */
export class BrokerRecords {
  readonly #instances = new Map<string, Instance>();

  /** The records of one packet, in any order. */
  take(records: readonly Answer[]): void {
    for (const record of records) if (record.type === "PTR") this.point(record.name, record.data, record.ttl);
    for (const record of records) {
      if (record.type !== "SRV") continue;
      const instance = this.#instances.get(record.name.toLowerCase());
      if (instance === undefined) continue;
      const host = record.data.target.toLowerCase();
      if (host !== instance.host) delete instance.address;
      instance.host = host;
      instance.port = record.data.port;
    }
    const addresses: { readonly host: string; readonly address: string }[] = [];
    for (const record of records)
      if (record.type === "A") addresses.push({ host: record.name.toLowerCase(), address: record.data });
    if (addresses.length === 0) return;
    for (const instance of this.#instances.values()) {
      const own = addresses.filter(({ host }) => host === instance.host).map(({ address }) => address);
      // A host may have several: the one that is known stays as long as it is said.
      if (own[0] !== undefined && !own.includes(instance.address ?? "")) instance.address = own[0];
    }
  }

  /** Instances of which all is known. */
  complete(): FoundBroker[] {
    const found: FoundBroker[] = [];
    for (const { name, host, address, port, tls } of this.#instances.values())
      if (host !== undefined && port !== undefined && address !== undefined)
        found.push({ name, host, address, port, tls });
    return found;
  }

  /** What to ask for the others: responders should say it unasked (RFC 6763 §12), but need not. */
  missing(): Question[] {
    const questions: Question[] = [];
    for (const { fullName, host, address } of this.#instances.values()) {
      if (questions.length === MAX_QUESTIONS) break;
      if (host === undefined) questions.push({ type: "SRV", name: fullName });
      else if (address === undefined) questions.push({ type: "A", name: host });
    }
    return questions;
  }

  /** `ttl` 0: it says goodbye (RFC 6762 §10.1). */
  private point(domain: string, fullName: string, ttl: number | undefined): void {
    const service = DOMAINS.find((it) => it.domain === domain.toLowerCase());
    const key = fullName.toLowerCase();
    if (service === undefined || !key.endsWith(`.${service.domain}`)) return;
    if (ttl === 0) this.#instances.delete(key);
    if (ttl === 0 || this.#instances.has(key)) return;
    const name = fullName.slice(0, -service.domain.length - 1);
    this.#instances.set(key, { name, fullName, tls: service.tls });
    for (const oldest of this.#instances.keys()) {
      if (this.#instances.size <= MAX_INSTANCES) break;
      this.#instances.delete(oldest);
    }
  }
}
