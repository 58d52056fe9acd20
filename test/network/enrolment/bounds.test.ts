import { expect, test } from "@jest/globals";
import { splitDocuments } from "../../../network/enrolment/sequence.js";
import { Waiting } from "../../../network/enrolment/waiting.js";
import { alice, createBook, endOf, enrolOf, idOf, keyOf, kidOf, moveOf, outcomes, START } from "./fleet.js";

const board = keyOf(1);
const enrol = enrolOf(board, alice);

test("a device has 256 statements at most; those that it has stay in force", () => {
  const book = createBook();
  let last = enrol;
  const said = [enrol];
  for (let i = 1; i <= 256; i++) {
    last = moveOf(board, alice, last, { date: START + i, place: { site: `site ${i}` } });
    said.push(last);
  }
  const became = outcomes(book, ...said);
  expect(became.slice(0, 256)).toEqual(Array(256).fill("entered"));
  expect(became[256]).toBe("full");
  expect(book.device(kidOf(board))?.site).toBe("site 255");
});

test("a book takes no more bytes than there is room for; what is displaced makes room", () => {
  const [other, early] = [enrolOf(keyOf(2), alice), enrolOf(board, alice, { date: START - 1 })];
  const end = endOf(board, alice, enrol);
  const book = createBook({ room: enrol.length + early.length + end.length });
  expect(outcomes(book, enrol, end)).toEqual(["entered", "entered"]);
  expect(outcomes(book, early, other)).toEqual(["entered", "entered"]);
  expect(outcomes(book, enrolOf(keyOf(3), alice), endOf(board, alice, early))).toEqual(["full", "entered"]);
});

test("of too many that wait the first one goes, by number and by bytes", () => {
  const waiting = new Waiting();
  for (let i = 0; i < 4097; i++) waiting.add(`id ${i}`, `previous ${i % 4000}`, Uint8Array.of(i & 255));
  expect(waiting.size).toBe(4096);
  expect(waiting.take("previous 0")).toEqual([Uint8Array.of(4000 & 255)]);
  expect(waiting.take("previous 1")).toEqual([Uint8Array.of(1), Uint8Array.of(4001 & 255)]);
  expect(waiting.take("previous 1")).toEqual([]);
  for (let i = 0; i < 300; i++) waiting.add(`long ${i}`, "long", new Uint8Array(65_536));
  expect(waiting.size).toBeLessThanOrEqual(256);
});

test("what waits is a copy", () => {
  const book = createBook();
  const given = endOf(board, alice, enrol);
  book.receive(given);
  given.fill(0);
  book.receive(enrol);
  expect(book.device(kidOf(board))?.entries).toHaveLength(2);
});

test("a sequence is split up to what is no document", () => {
  const end = endOf(board, alice, enrol);
  const both = Buffer.concat([enrol, end]);
  expect(splitDocuments(both)).toEqual({ documents: [enrol, end].map(Buffer.from), end: both.length });
  for (let cut = 1; cut < end.length; cut += 7)
    expect(splitDocuments(both.subarray(0, both.length - cut)).end).toBe(enrol.length);
  expect(splitDocuments(Uint8Array.of(0xd2, 0x84, 1))).toEqual({ documents: [], end: 0 });
  expect(idOf(enrol)).toHaveLength(32);
});
