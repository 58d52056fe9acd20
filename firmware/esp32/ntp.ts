/** NTP's packet (RFC 5905 §7.3), as far as a client that only asks the time needs it. No socket, no clock. */
const PACKET_BYTES = 48;
/** LI 0, version 4, mode 3. */
const CLIENT = 0b00_100_011;
const MODE_SERVER = 4;
const UNSYNCHRONISED = 3;
const OLDEST_VERSION = 3;
const NEWEST_VERSION = 4;

const STRATUM = 1;
const ROOT_DELAY = 4;
const ROOT_DISPERSION = 8;
const REFERENCE_ID = 12;
const REFERENCE = 16;
const ORIGINATE = 24;
const RECEIVE = 32;
const TRANSMIT = 40;

/** §7.3: 0 is the kiss of death, 16 unsynchronised, above it reserved. */
const LAST_STRATUM = 15;
/** §7.2, MAXDISP: a server that is off by more than this many milliseconds is not synchronised. */
const MOST_ERROR = 16_000;
/** Seconds from 1900 to 1970, and of an era (§6): the next one begins in 2036. */
const EPOCH = 2_208_988_800;
const ERA = 2 ** 32;

export const NONCE_BYTES = 8;

/** An answer that may be believed. */
export interface NtpTime {
  /** Unix milliseconds when the answer arrived, if both ways took as long. */
  readonly unix: number;
  /** By how many milliseconds that can be off (§11.2, root distance). */
  readonly error: number;
}

/** Why there is no time in an answer. */
export interface NtpRefusal {
  readonly refused: string;
  /** The server wants not to be asked (§7.4). */
  readonly isKiss: boolean;
}

/** The time of day, by two answers that agree. */
export interface NetworkTime {
  /** Unix milliseconds at uptime 0. */
  readonly epoch: number;
  /** Milliseconds by which it can be off. */
  readonly error: number;
}

export interface SntpOutcome {
  readonly time?: NetworkTime;
  /** Why there is none: what was wrong last. */
  readonly reason?: string;
  /** The server wants not to be asked. */
  readonly isKiss?: boolean;
}

/**
 * A question. Where a client's clock would stand there is `nonce`, which nobody can guess: a server sends it back, so an
 * answer is one to this question. Nobody needs to know what the board's clock says.
 */
export function ntpRequest(nonce: Uint8Array): Uint8Array {
  const packet = new Uint8Array(PACKET_BYTES);
  packet[0] = CLIENT;
  packet.set(nonce, TRANSMIT);
  return packet;
}

/** Undefined for what is no answer to the question with `nonce`: a stranger's, or to one that was given up. */
export function judgeNtp(
  packet: Uint8Array,
  nonce: Uint8Array,
  roundTrip: number,
  earliest: number,
): NtpTime | NtpRefusal | undefined {
  if (packet.length < PACKET_BYTES) return undefined;
  for (let i = 0; i < NONCE_BYTES; i++) if (packet[ORIGINATE + i] !== nonce[i]) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const first = view.getUint8(0);
  const version = (first >> 3) & 7;
  const stratum = view.getUint8(STRATUM);
  if ((first & 7) !== MODE_SERVER) return refuse(`mode ${first & 7}, not a server's`);
  if (version < OLDEST_VERSION || version > NEWEST_VERSION) return refuse(`NTP version ${version}`);
  if (stratum === 0) return { refused: `kiss of death ${kissOf(packet)}`, isKiss: true };
  if (first >> 6 === UNSYNCHRONISED || stratum > LAST_STRATUM)
    return refuse(`not synchronised: leap indicator ${first >> 6}, stratum ${stratum}`);
  const error =
    Math.abs(view.getInt32(ROOT_DELAY) / 65_536) * 500 + (view.getUint32(ROOT_DISPERSION) / 65_536) * 1000;
  if (error >= MOST_ERROR) return refuse(`it can be off by ${Math.round(error / 1000)} s`);
  if (isZero(view, TRANSMIT) || isZero(view, RECEIVE)) return refuse("no time in it");
  const sent = unixOf(view, TRANSMIT, earliest);
  const received = unixOf(view, RECEIVE, earliest);
  if (sent < received) return refuse("it was sent before the question came");
  // A server that took longer than the whole way is no clock to go by.
  const inside = sent - received;
  if (inside > roundTrip + MOST_ERROR) return refuse("it took longer than the question and its answer");
  if (!isZero(view, REFERENCE) && unixOf(view, REFERENCE, earliest) > sent)
    return refuse("it was synchronised after it was sent");
  const way = Math.max(0, roundTrip - inside) / 2;
  return { unix: sent + way, error: error + way };
}

function refuse(refused: string): NtpRefusal {
  return { refused, isKiss: false };
}

/** Four letters, §7.4; anything else is not shown. */
function kissOf(packet: Uint8Array): string {
  let text = "";
  for (let i = REFERENCE_ID; i < REFERENCE_ID + 4; i++) {
    const code = packet[i] as number;
    if (code >= 0x41 && code <= 0x5a) text += String.fromCharCode(code);
  }
  return text;
}

function isZero(view: DataView, at: number): boolean {
  return view.getUint32(at) === 0 && view.getUint32(at + 4) === 0;
}

/** Unix milliseconds, of the era in which it is not long before `earliest`. */
function unixOf(view: DataView, at: number, earliest: number): number {
  let seconds = view.getUint32(at) - EPOCH;
  // Half an era: what is a little before `earliest` is refused as that, not believed as 136 years later.
  while (seconds * 1000 < earliest - (ERA / 2) * 1000) seconds += ERA;
  return seconds * 1000 + (view.getUint32(at + 4) / ERA) * 1000;
}
