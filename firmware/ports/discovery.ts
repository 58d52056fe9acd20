/// <reference path="../types/mdns.d.ts" />
import MDNS from "mdns";
import Timer from "timer";
import { readUtf8 } from "../../agent/cbor/utf8.js";
import {
  type Discovery,
  type DiscoveryEvent,
  type DiscoveryScope,
  type FoundBroker,
  FoundBrokers,
  SERVICES,
} from "../../agent/ports/discovery.js";

const MDNS_PORT = 5353;
/** `Socket.readable` of the SDK. */
const READABLE = 2;
/** Instances of a service that are kept in RAM; past it the oldest is forgotten. */
const MAX_INSTANCES = 12;
/** Milliseconds to the next try to get a socket. */
const RETRY = 60_000;

const HEADER_BYTES = 12;
const QR = 0x80;
const MAX_RECORDS = 32;
const MAX_NAME_BYTES = 255;
/** RFC 1035 §3.2.2, RFC 2782. */
const TYPE_A = 1;
const TYPE_PTR = 12;
const TYPE_TXT = 16;
const TYPE_SRV = 33;
const SRV_NAME = 6;

const NO_TEXTS = Object.freeze([]) as readonly string[];

/** mDNS by the SDK. `observe` must not throw. */
export class BoardDiscovery implements Discovery {
  readonly #scope: DiscoveryScope;
  readonly #observe: (event: DiscoveryEvent) => void;
  #mdns: GuardedMdns | undefined;
  #timer: ReturnType<typeof Timer.set> | undefined;

  constructor(scope: DiscoveryScope, observe: (event: DiscoveryEvent) => void) {
    this.#scope = scope;
    this.#observe = observe;
  }

  start(found: (broker: FoundBroker) => void): void {
    this.open(new FoundBrokers(found, this.#scope));
  }

  stop(): void {
    if (this.#timer !== undefined) Timer.clear(this.#timer);
    this.#timer = undefined;
    this.#mdns?.end();
    this.#mdns = undefined;
  }

  private open(found: FoundBrokers): void {
    this.#timer = undefined;
    try {
      this.#mdns = new GuardedMdns(found, this.#scope);
    } catch (error) {
      this.#timer = Timer.set(() => this.open(found), RETRY);
      this.#observe({ type: "discovery-failed", reason: String(error) });
    }
  }
}

/**
 * The SDK's mDNS, which by itself never ends with a name that refers to itself, keeps whatever it is told, throws at what is
 * malformed, and says nothing of a broker whose address comes in a packet by itself.
 */
class GuardedMdns extends MDNS {
  readonly #found: FoundBrokers;
  #packet = new ArrayBuffer(0);
  #isOver = false;

  constructor(found: FoundBrokers, scope: DiscoveryScope) {
    super({});
    this.#found = found;
    for (const { type, tls } of SERVICES) if (tls || scope === "any") this.monitor(type, ignore);
  }

  /** `close` alone throws while there are monitors. */
  end(): void {
    this.#isOver = true;
    for (const { type } of SERVICES) if (this.serves(type)) this.remove(type, ignore);
    this.close();
  }

  override read(): ArrayBuffer {
    return this.#packet;
  }

  override callback(message: number, bytes?: number, address?: string, port?: number): void {
    if (message !== READABLE || this.#isOver) return;
    try {
      this.#packet = super.read(ArrayBuffer);
      // RFC 6762 §6: from any other port it is no answer.
      if (port === MDNS_PORT && isSoundResponse(new Uint8Array(this.#packet)))
        super.callback(message, bytes, address, port);
    } catch {
      // What the packet said before that was taken; it is asked for again.
    }
    this.review();
  }

  private serves(type: string): boolean {
    return this.monitors.some(({ service }) => service === `${type}.local`);
  }

  private review(): void {
    for (const { type, tls } of SERVICES)
      for (const monitor of this.monitors) {
        if (monitor.service !== `${type}.local`) continue;
        if (monitor.length > MAX_INSTANCES) monitor.splice(0, monitor.length - MAX_INSTANCES);
        for (const instance of monitor) {
          const { name, target: host, address, port } = instance;
          if (instance.txt !== undefined) instance.txt = NO_TEXTS;
          if (host === undefined || address === undefined || port === undefined) continue;
          if (!this.#isOver) this.#found.offer({ name, host, address, port, tls });
        }
      }
  }
}

function ignore(): void {}

/** Whether a packet is a response (RFC 6762 §18) that the SDK's parser, written in C, comes to an end with. */
export function isSoundResponse(packet: Uint8Array): boolean {
  if (packet.length < HEADER_BYTES || ((packet[2] as number) & QR) === 0) return false;
  const questions = uint16(packet, 4);
  const records = uint16(packet, 6) + uint16(packet, 8) + uint16(packet, 10);
  if (questions + records > MAX_RECORDS) return false;
  let at = HEADER_BYTES;
  for (let i = 0; i < questions; i++) {
    at = nameEnd(packet, at) + 4;
    if (at < HEADER_BYTES || at > packet.length) return false;
  }
  for (let i = 0; i < records; i++) {
    at = recordEnd(packet, at);
    if (at < 0) return false;
  }
  return true;
}

/** The offset after the record at `at` (RFC 1035 §4.1.3), or -1. */
function recordEnd(packet: Uint8Array, at: number): number {
  const fixed = nameEnd(packet, at);
  const data = fixed + 10;
  if (fixed < 0 || data > packet.length) return -1;
  const length = uint16(packet, fixed + 8);
  const end = data + length;
  if (end > packet.length) return -1;
  switch (uint16(packet, fixed)) {
    case TYPE_A:
      return length === 4 ? end : -1;
    case TYPE_PTR:
      return nameEnd(packet, data) === end ? end : -1;
    case TYPE_SRV:
      return length > SRV_NAME && nameEnd(packet, data + SRV_NAME) === end ? end : -1;
    case TYPE_TXT:
      return textsEnd(packet, data, end) === end ? end : -1;
    default:
      return end;
  }
}

/** RFC 1035 §3.3.14: strings, each after its length. */
function textsEnd(packet: Uint8Array, at: number, end: number): number {
  while (at < end) at += 1 + (packet[at] as number);
  return at;
}

/**
 * The offset after the name at `start` (RFC 1035 §4.1.4), or a negative number less than -4. References go backwards only, so that there is an end;
 * labels are UTF-8 without zeros, since XS makes strings of them unseen.
 */
function nameEnd(packet: Uint8Array, start: number): number {
  const bad = -HEADER_BYTES;
  let at = start;
  let least = start;
  let end = bad;
  let length = 1;
  for (;;) {
    const tag = packet[at];
    if (tag === undefined) return bad;
    if (tag === 0) return end === bad ? at + 1 : end;
    if (tag >= 0xc0) {
      if (at + 2 > packet.length) return bad;
      if (end === bad) end = at + 2;
      at = uint16(packet, at) & 0x3fff;
      if (at < HEADER_BYTES || at >= least) return bad;
      least = at;
      continue;
    }
    const next = at + 1 + tag;
    length += 1 + tag;
    if (tag > 63 || next > packet.length || length > MAX_NAME_BYTES || !isText(packet, at + 1, next))
      return bad;
    at = next;
  }
}

function isText(packet: Uint8Array, start: number, end: number): boolean {
  return readUtf8(packet, start, end)?.includes("\0") === false;
}

function uint16(packet: Uint8Array, at: number): number {
  return ((packet[at] as number) << 8) | (packet[at + 1] as number);
}
