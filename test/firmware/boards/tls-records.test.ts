import { describe, expect, test } from "@jest/globals";
import { PacketFilter } from "../../../firmware/ports/packet-filter.js";
import { type HandshakeState, isZeroEcdsa, RecordGuard } from "../../../firmware/ports/tls/record-guard.js";
import { RecordReader } from "../../../firmware/ports/tls/record-reader.js";

const record = (type: number, ...content: number[]) =>
  Uint8Array.from([type, 3, 3, content.length >> 8, content.length & 0xff, ...content]);
const message = (type: number, ...body: number[]) => [type, 0, body.length >> 8, body.length & 0xff, ...body];
const handshake = (...messages: number[][]) => record(22, ...messages.flat());

/** ServerKeyExchange (RFC 8422 §5.4) with a point of one byte. */
const keyExchange = (hash: number, algorithm: number, ...signature: number[]) =>
  message(12, 3, 0, 23, 1, 4, hash, algorithm, 0, signature.length, ...signature);

describe("records", () => {
  function reading(bytes: Uint8Array) {
    let at = 0;
    const reader = new RecordReader({
      read(into) {
        into.set(bytes.subarray(at, at + into.length));
        at += into.length;
      },
    });
    return reader;
  }

  test("are put together from pieces of any size", () => {
    const one = record(23, 1, 2, 3);
    const two = record(21, 1, 0);
    const all = Uint8Array.of(...one, ...two);
    for (let size = 1; size <= all.length; size++) {
      const reader = reading(all);
      const found: Uint8Array[] = [];
      for (let given = 0; given < all.length; given += size) {
        reader.available += Math.min(size, all.length - given);
        for (let next = reader.next(); next !== undefined; next = reader.next()) found.push(next);
      }
      expect(found).toEqual([one, two]);
    }
  });

  test.each([
    ["of no bytes", Uint8Array.of(23, 3, 3, 0, 0), "a record of 0 bytes"],
    ["longer than TLS has them", Uint8Array.of(23, 3, 3, 0x48, 1), "a record of 18433 bytes"],
    ["of no type", Uint8Array.of(19, 3, 3, 0, 1), "no record"],
    ["of another protocol", Uint8Array.of(22, 2, 3, 0, 1), "no record"],
  ])("%s: refused before there is room made for them", (_, header, said) => {
    const reader = reading(header);
    reader.available = header.length;
    expect(() => reader.next()).toThrow(said);
  });
});

describe("the order of a handshake", () => {
  const open = { serverCipher: null };
  const agreed = { serverCipher: null, masterSecret: {} };
  const sealed = { serverCipher: {}, masterSecret: {} };
  const check = (state: HandshakeState, isReady: boolean, ...records: Uint8Array[]) => {
    const guard = new RecordGuard();
    return () => {
      for (const one of records) guard.check(one, state, isReady);
    };
  };
  const hello = message(2, 3, 3);
  const certificate = message(11, 0, 0, 0);
  const done = message(14);

  test.each([
    ["signed with RSA", keyExchange(4, 1, 9)],
    ["signed with ECDSA", keyExchange(4, 3, 0x30, 6, 2, 1, 7, 2, 1, 7)],
  ])("as it should be, %s", (_, exchange) => {
    expect(check(open, false, handshake(hello, certificate), handshake(exchange, done))).not.toThrow();
    expect(check(agreed, false, record(20, 1))).not.toThrow();
    expect(check(sealed, true, record(23, ...new Array(24).fill(0)))).not.toThrow();
  });

  test.each<[string, () => void, string]>([
    ["no certificate", check(open, false, handshake(hello, done)), "no certificate"],
    ["two hellos", check(open, false, handshake(hello, hello)), "message 2 out of order"],
    ["a client's hello", check(open, false, handshake(message(1))), "message 1 out of order"],
    ["a finish in the open", check(open, false, handshake(message(20))), "message 20 out of order"],
    ["a message that is not all there", check(open, false, record(22, 2, 0, 0, 9, 1)), "in pieces"],
    ["a message without a head", check(open, false, record(22, 2)), "in pieces"],
    ...(
      [
        ["nobody signed", 0, 0],
        ["anonymous", 4, 0],
        ["with a weak hash", 1, 1],
      ] as const
    ).map(([name, hash, algorithm]): [string, () => void, string] => [
      `a key exchange, ${name}`,
      check(open, false, handshake(hello, certificate, keyExchange(hash, algorithm, 9))),
      "not signed as offered",
    ]),
    [
      "a key exchange of another kind",
      check(open, false, handshake(hello, certificate, message(12, 1, 0, 23, 1, 4, 4, 1, 0, 1, 9))),
      "not signed as offered",
    ],
    [
      "a signature of zero",
      check(open, false, handshake(hello, certificate, keyExchange(4, 3, 0x30, 6, 2, 1, 0, 2, 1, 0))),
      "a signature of zero",
    ],
    ["keys before a secret", check(open, false, record(20, 1)), "cipher out of order"],
    ["keys again", check(sealed, false, record(20, ...new Array(24).fill(1))), "cipher out of order"],
    ["data before the end", check(open, false, record(23, 1)), "type 23 out of order"],
    ["another handshake", check(sealed, true, record(22, ...new Array(24).fill(0))), "type 22 out of order"],
    ["what is too short to be sealed", check(sealed, true, record(23, 1, 2)), "too short"],
  ])("%s: refused", (_, act, said) => {
    expect(act).toThrow(said);
  });

  test.each([
    ["r of no bytes", [0x30, 4, 2, 0, 2, 0], true],
    ["r of zeros", [0x30, 7, 2, 2, 0, 0, 2, 1, 5], true],
    ["r", [0x30, 7, 2, 2, 0, 0x90, 2, 1, 5], false],
    ["nothing", [], true],
    ["zero behind a length that is too long", [0x30, 0x81, 6, 2, 1, 0, 2, 1, 0], true],
  ])("%s", (_, signature, isZero) => {
    expect(isZeroEcdsa(Uint8Array.from(signature))).toBe(isZero);
  });
});

describe("what a broker may send", () => {
  const feed = (bytes: readonly number[]) => () => {
    const filter = new PacketFilter();
    const passed = filter.pass(Uint8Array.from(bytes));
    if (filter.failure !== undefined) throw filter.failure;
    return [...passed];
  };

  test("CONNACK, PUBACK, PINGRESP, as often as it likes", () => {
    expect(feed([0x20, 2, 0, 0, 0x40, 2, 1, 2, 0xd0, 0, 0xd0, 0, 0x40, 2, 0xff, 0xff])).not.toThrow();
  });

  test.each([
    ["a publication", [0x30, 5], "type 3"],
    ["an answer to no subscription", [0x40, 2, 1, 2, 0x90, 3], "type 9"],
    ["a PUBACK with flags", [0x42, 2], "type 4"],
    ["a PUBACK that is too long", [0x40, 3], "of 3 bytes"],
    ["a length of many bytes", [0x40, 0x82, 0], "of too many bytes"],
    ["a PINGRESP with content", [0xd0, 1], "of 1 bytes"],
  ])("not %s", (_, bytes, said) => {
    expect(feed(bytes)).toThrow(said);
  });
});
