/** A seeded generator of numbers in [0, 1): mulberry32, public domain. */
export type Prng = () => number;

export function createPrng(seed: number): Prng {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Mutation = (bytes: number[], random: Prng, corpus: readonly Uint8Array[]) => number[];

export const below = (random: Prng, limit: number) => Math.floor(random() * limit);
export const pick = <T>(random: Prng, from: readonly T[]): T => from[below(random, from.length)] as T;
const byte = (random: Prng) => below(random, 256);

/** First bytes that mean something: small values, lengths, tags, and each head that must be refused. */
const HEADS = [
  ...[0x00, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x20, 0x38, 0x39, 0x3a, 0x3b, 0x40, 0x41, 0x48, 0x50, 0x58, 0x59],
  ...[0x5a, 0x5b, 0x5f, 0x60, 0x61, 0x78, 0x79, 0x7b, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x98, 0x9a, 0x9b, 0x9f],
  ...[0xa0, 0xa1, 0xa5, 0xb8, 0xbb, 0xbf, 0xc4, 0xd2, 0xd8, 0xdb, 0xe0, 0xf4, 0xf6, 0xf8, 0xf9, 0xfb, 0xff],
];

const MUTATIONS: readonly Mutation[] = [
  function flipABit(bytes, random) {
    const at = below(random, bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
    return bytes;
  },
  function setAByte(bytes, random) {
    bytes[below(random, bytes.length)] = byte(random);
    return bytes;
  },
  function setAHead(bytes, random) {
    bytes[below(random, bytes.length)] = pick(random, HEADS);
    return bytes;
  },
  /** A count or length one off, the likeliest to be read across the end of something. */
  function nudgeAByte(bytes, random) {
    const at = below(random, bytes.length);
    bytes[at] = ((bytes[at] ?? 0) + (random() < 0.5 ? 1 : 255)) & 0xff;
    return bytes;
  },
  function insert(bytes, random) {
    const more = Array.from({ length: 1 + below(random, 8) }, () => byte(random));
    bytes.splice(below(random, bytes.length + 1), 0, ...more);
    return bytes;
  },
  /** A head with an argument of its own, up to 2^64 - 1. */
  function insertAHead(bytes, random) {
    const info = below(random, 5);
    const argument = Array.from({ length: info === 0 ? 0 : 2 ** (info - 1) }, () =>
      random() < 0.5 ? pick(random, [0, 0xff]) : byte(random),
    );
    const first = (below(random, 8) << 5) | (info === 0 ? below(random, 24) : 23 + info);
    bytes.splice(below(random, bytes.length + 1), 0, first, ...argument);
    return bytes;
  },
  function remove(bytes, random) {
    bytes.splice(below(random, bytes.length), 1 + below(random, 8));
    return bytes;
  },
  function cutTheEnd(bytes, random) {
    return bytes.slice(0, below(random, bytes.length + 1));
  },
  function cutTheStart(bytes, random) {
    return bytes.slice(below(random, bytes.length));
  },
  function repeatAPiece(bytes, random) {
    const start = below(random, bytes.length);
    const piece = bytes.slice(start, start + 1 + below(random, 16));
    bytes.splice(start, 0, ...piece);
    return bytes;
  },
  function splice(bytes, random, corpus) {
    const other = pick(random, corpus);
    const kept = bytes.slice(0, below(random, bytes.length + 1));
    return [...kept, ...other.subarray(below(random, other.length))];
  },
  function swapPieces(bytes, random) {
    const [a = 0, b = 0, c = 0] = [0, 0, 0].map(() => below(random, bytes.length + 1)).sort((x, y) => x - y);
    return [...bytes.slice(0, a), ...bytes.slice(b, c), ...bytes.slice(a, b), ...bytes.slice(c)];
  },
];

/** One to three mutations of something in `corpus`, or, one time in eight, rubbish with a plausible start. */
export function hostileInput(random: Prng, corpus: readonly Uint8Array[]): Uint8Array {
  if (random() < 0.125) {
    const rubbish = Array.from({ length: below(random, 96) }, () =>
      random() < 0.5 ? pick(random, HEADS) : byte(random),
    );
    return Uint8Array.from(random() < 0.5 ? [0xd2, 0x84, 0x58, ...rubbish] : rubbish);
  }
  return mutated(random, pick(random, corpus), corpus);
}

/** One to three mutations of `input`; pieces of others in `corpus` may get into it. */
export function mutated(random: Prng, input: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array {
  let bytes = [...input];
  for (let left = 1 + below(random, 3); left > 0 && bytes.length > 0; left--)
    bytes = pick(random, MUTATIONS)(bytes, random, corpus);
  return Uint8Array.from(bytes);
}
