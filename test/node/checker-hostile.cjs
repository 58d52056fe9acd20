// Calls the compiled checker (argv[2]) with what it must survive, mutated bytes and arguments of every type, and with one
// good signature that it must know. Prints how many calls there were. For AddressSanitizer, which wants a process of its own.
const [, , path, ...hexes] = process.argv;
const loaded = { exports: {} };
process.dlopen(loaded, path);
const verify = loaded.exports;
const good = hexes.map((text) => new Uint8Array(Buffer.from(text, "hex")));

const detached = new Uint8Array(64);
structuredClone(detached, { transfer: [detached.buffer] });
const growing = new Uint8Array(new ArrayBuffer(0, { maxByteLength: 64 }));
const arguments_ = [
  ...[undefined, null, true, 1, 1n, "x".repeat(64), Symbol("s"), {}, [], () => {}, new Proxy({}, {})],
  ...[new ArrayBuffer(64), new DataView(new ArrayBuffer(64)), new SharedArrayBuffer(64)],
  ...[
    new Int8Array(64),
    new Uint8ClampedArray(64),
    new Uint16Array(32),
    new Float64Array(8),
    new BigInt64Array(8),
  ],
  ...[0, 1, 31, 32, 33, 63, 64, 65, 66, 4096].map((length) => new Uint8Array(length).fill(255)),
  ...[
    new Uint8Array(64),
    Object.create(Uint8Array.prototype),
    new Proxy(new Uint8Array(64), {}),
    detached,
    growing,
  ],
];
let calls = 0;
function expect(expected, ...given) {
  calls++;
  if (verify(...given) !== expected) throw new Error(`call ${calls} is not ${expected}`);
}
for (let round = 0; round < 3; round++) expect(true, ...good);
expect(true, ...good.map((bytes) => Buffer.from(bytes)), "one too many");
for (let count = 0; count < 3; count++) expect(false, ...good.slice(0, count));
for (const one of arguments_)
  for (let place = 0; place < 3; place++)
    expect(false, ...good.map((bytes, at) => (at === place ? one : bytes)));
for (let place = 0; place < 3; place++)
  for (let bit = 0; bit < 8 * good[place].length; bit++) {
    const flipped = good.map((bytes) => bytes.slice());
    flipped[place][bit >> 3] ^= 1 << (bit & 7);
    expect(false, ...flipped);
  }
expect(true, ...good);
process.stdout.write(String(calls));
