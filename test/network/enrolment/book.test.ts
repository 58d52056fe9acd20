import { describe, expect, test } from "@jest/globals";
import { isSameBytes } from "../../../agent/cose/kid.js";
import { acceptMove } from "../../../network/enrolment/write-statement.js";
import { signatureChecker, uncompressedKey } from "../../../node/ports/signer.js";
import {
  alice,
  bob,
  createBook,
  DAY,
  didOf,
  endOf,
  enrolOf,
  idOf,
  keyOf,
  kidOf,
  mallory,
  moveOf,
  outcomes,
  proofOf,
  SENSORS,
  START,
  saleOf,
  stateOf,
} from "./fleet.js";

const board = keyOf(1);
const kid = kidOf(board);
const enrol = enrolOf(board, alice, {
  place: { site: "roof", name: "roof 1", position: { lat: 47.3769, lon: -8.5, alt: 408 } },
});
const end = endOf(board, alice, enrol);

describe("a device", () => {
  test("is in the registry from its enrolment on, with all that its owner signed", () => {
    const book = createBook();
    expect(book.device(kid)).toBeUndefined();
    expect(book.receive(enrol)).toEqual({
      type: "entered",
      id: Buffer.from(idOf(enrol)).toString("hex"),
      device: kid,
      kind: "enrol",
      displaced: 0,
    });
    const device = book.device(kid);
    expect([book.network, book.size, [...book.kids()]]).toEqual(["demo", 1, [kid]]);
    expect(device).toMatchObject({
      did: didOf(board),
      owner: didOf(alice),
      site: "roof",
      place: { name: "roof 1", position: { lat: 47.3769, lon: -8.5, alt: 408 } },
      since: START,
      publicKey: uncompressedKey(board.publicKey),
      configurations: ["c0f1c0f1c0f1c0f1"],
      absences: undefined,
      formerly: undefined,
    });
    expect([...(device?.sensors ?? [])]).toEqual([["temperature", SENSORS[0]]]);
  });

  test("stays answerable when it is ended, and may be enrolled again", () => {
    const book = createBook();
    expect(outcomes(book, enrol, end)).toEqual(["entered", "entered"]);
    expect(book.device(kid)?.absences).toEqual([{ from: START + DAY, to: Number.POSITIVE_INFINITY }]);
    const sensors = [{ ...SENSORS[0], max: 60 }] as typeof SENSORS;
    const again = enrolOf(board, alice, {
      previous: idOf(end),
      date: START + 9 * DAY,
      sensors,
      configurations: ["0000000000000001"],
    });
    expect(outcomes(book, again)).toEqual(["entered"]);
    expect(book.device(kid)).toMatchObject({
      since: START,
      absences: [{ from: START + DAY, to: START + 9 * DAY }],
      formerly: [{ until: START + 9 * DAY, sensors: new Map([["temperature", SENSORS[0]]]) }],
      sensors: new Map([["temperature", sensors[0]]]),
      configurations: ["c0f1c0f1c0f1c0f1", "0000000000000001"],
    });
  });

  test("moves to another site, and to another owner who accepts it, and was whose it was", () => {
    const book = createBook();
    const move = moveOf(board, alice, enrol);
    const sale = saleOf(board, alice, bob, move, { date: START + 2 * DAY, place: { site: "field" } });
    expect(outcomes(book, enrol, move, sale)).toEqual(["entered", "entered", "entered"]);
    expect(book.device(kid)?.tenures).toEqual([
      { from: START, owner: didOf(alice), site: "roof" },
      { from: START + DAY, owner: didOf(alice), site: "cellar" },
      { from: START + 2 * DAY, owner: didOf(bob), site: "field" },
    ]);
    // Now Bob says what becomes of it, and Alice no more.
    const late = { date: START + 3 * DAY };
    expect(outcomes(book, endOf(board, alice, sale, late), endOf(board, bob, sale, late))).toEqual([
      "not-owner",
      "entered",
    ]);
  });

  test("is one object for good: who holds it sees what changes", () => {
    const book = createBook();
    book.receive(enrol);
    const held = book.device(kid);
    book.receive(end);
    expect(held?.absences).toHaveLength(1);
    expect(book.device(kid)).toBe(held);
  });
});

describe("an attack is refused, and changes nothing", () => {
  const forged = (document: Uint8Array) => {
    const bad = document.slice();
    bad[bad.length - 1] = (bad[bad.length - 1] as number) ^ 1;
    return bad;
  };
  const random = new Uint8Array(32).fill(9);
  const sold = moveOf(board, alice, enrol, { newOwner: bob.publicKey });
  const other = keyOf(2);
  test.each<[string, Uint8Array, string]>([
    [
      "a forged signature of the owner",
      forged(enrolOf(board, alice, { place: { site: "x" } })),
      "bad-signature",
    ],
    ["another network", enrolOf(board, alice, { network: "other" }), "wrong-network"],
    [
      "a device's statement for another network",
      enrolOf(other, alice, { proof: proofOf(other, alice, { network: "other" }) }),
      "bad-proof",
    ],
    ["the statement of another device", enrolOf(other, alice, { proof: proofOf(board, alice) }), "bad-proof"],
    [
      "a statement that the device made for another owner",
      enrolOf(other, mallory, { proof: proofOf(other, alice) }),
      "bad-proof",
    ],
    [
      "a statement that it made for nobody",
      enrolOf(other, mallory, { proof: proofOf(other, alice, { challenge: random }) }),
      "bad-proof",
    ],
    ["no statement of the device", enrolOf(other, mallory, { proof: random }), "bad-proof"],
    ["the device, enrolled by another owner later", enrolOf(board, bob, { date: START + 1 }), "not-owner"],
    ["an end by a stranger", endOf(board, mallory, enrol), "not-owner"],
    ["a move by a stranger", moveOf(board, mallory, enrol), "not-owner"],
    ["a sale by a stranger to himself", saleOf(board, mallory, mallory, enrol), "not-owner"],
    ["a sale that the new owner has not signed", sold, "not-accepted"],
    ["a sale that somebody else has accepted", acceptMove(sold, mallory), "bad-signature"],
    ["an acceptance of what is no sale", acceptMove(end, alice), "bad-signature"],
    ["an end that is dated before the enrolment", endOf(board, alice, enrol, { date: START }), "not-later"],
    ["an end of another device in its name", endOf(other, alice, enrol), "waits"],
    ["an acceptance of rubbish", acceptMove(random, bob), "malformed"],
    ["rubbish", random, "malformed"],
    ["nothing", new Uint8Array(0), "malformed"],
    ["too much", new Uint8Array(70_000), "malformed"],
  ])("%s", (_name, document, code) => {
    const book = createBook();
    book.receive(enrol);
    const before = stateOf(book);
    expect(outcomes(book, document)).toEqual([code]);
    expect(stateOf(book)).toEqual(before);
    // And it stands in nobody's way.
    expect(outcomes(book, end)).toEqual(["entered"]);
  });

  test("an enrolment that comes again after the end", () => {
    const book = createBook();
    expect(outcomes(book, enrol, end, enrol, end)).toEqual(["entered", "entered", "known", "known"]);
    expect(outcomes(book, enrolOf(board, alice, { date: START + 5 * DAY }))).toEqual(["contradiction"]);
    expect(outcomes(book, endOf(board, alice, end, { date: START + 2 * DAY }))).toEqual(["ended"]);
    expect(book.device(kid)?.absences).toHaveLength(1);
  });

  test("a bit turned anywhere", () => {
    const book = createBook();
    for (let i = 0; i < enrol.length; i++) {
      const bad = enrol.slice();
      bad[i] = (bad[i] as number) ^ (1 << (i & 7));
      expect(book.receive(bad).type).toBe("refused");
    }
    expect(book.size).toBe(0);
  });

  test("owners who may not enrol here, nor get a device", () => {
    const book = createBook({ owners: new Set([didOf(alice)]) });
    expect(outcomes(book, enrolOf(keyOf(2), bob), enrol, saleOf(board, alice, bob, enrol))).toEqual([
      "unknown-owner",
      "entered",
      "unknown-owner",
    ]);
  });
});

describe("of two statements in one place", () => {
  const early = moveOf(board, alice, enrol, { date: START + 10 });
  const afterEnd = moveOf(board, alice, end, { date: START + 2 * DAY });

  test("the earlier one stands, whichever came first", () => {
    const book = createBook();
    expect(outcomes(book, enrol, end, afterEnd)).toEqual(["entered", "entered", "entered"]);
    expect(book.receive(early)).toMatchObject({ type: "entered", displaced: 2 });
    expect(outcomes(book, end, afterEnd)).toEqual(["contradiction", "waits"]);
    const other = createBook();
    expect(outcomes(other, enrol, early, end)).toEqual(["entered", "entered", "contradiction"]);
    expect(stateOf(other)).toEqual(stateOf(book));
  });

  test("what was settled stays, however the other is dated", () => {
    const book = createBook();
    outcomes(book, enrol, end);
    book.settle();
    expect(outcomes(book, early, enrolOf(board, alice, { date: START - 1 }))).toEqual([
      "contradiction",
      "contradiction",
    ]);
    expect(outcomes(book, afterEnd)).toEqual(["entered"]);
  });
});

test("of two devices with one kid the one that was enrolled first keeps it", () => {
  // Two keys of one kid take 2^64 hashes to find: here the hash of one key is that of the other.
  const first = keyOf(3);
  const bare = keyOf(4);
  const sha256: typeof bare.sha256 = (data, into, at) =>
    bare.sha256(isSameBytes(data, bare.publicKey) ? first.publicKey : data, into, at);
  const second = { ...bare, sha256 };
  const kids = { checker: { ...signatureChecker, sha256 } };
  const book = createBook(kids);
  const one = enrolOf(first, alice);
  const two = enrolOf(second, bob, { date: START + 1 });
  expect(outcomes(book, one, two)).toEqual(["entered", "kid-taken"]);
  expect(book.size).toBe(1);
  const other = createBook(kids);
  expect(outcomes(other, two, one)).toEqual(["entered", "entered"]);
  expect(stateOf(other)).toEqual(stateOf(book));
  expect(other.device([...other.kids()][0] as string)?.did).toBe(didOf(first));
});

test("what waits is entered once what it follows has come, and is told", () => {
  const told: string[] = [];
  const book = createBook({ released: (_document, { type }) => told.push(type) });
  const again = enrolOf(board, alice, { previous: idOf(end), date: START + 2 * DAY });
  expect(outcomes(book, again, end, again, moveOf(board, mallory, enrol))).toEqual(Array(4).fill("waits"));
  expect(book.waiting).toBe(3);
  expect(outcomes(book, enrol)).toEqual(["entered"]);
  expect(told.sort()).toEqual(["entered", "entered", "refused"]);
  expect([book.waiting, book.device(kid)?.entries.length]).toEqual([0, 3]);
});
