import { expect, test } from "@jest/globals";
import { readEntry } from "../../../network/witness/entries.js";
import { EnrolmentLog } from "../../../node/witness/enrolment-log.js";

function parts() {
  const entries: Uint8Array[] = [];
  const notes = new Map<string, string>();
  const state = { isFull: false };
  const log = {
    append(added: readonly Uint8Array[]) {
      if (state.isFull) throw new Error("the disk is full");
      return entries.push(...added) - added.length;
    },
  };
  const store = {
    note: (name: string) => notes.get(name),
    setNote: (name: string, value: string) => notes.set(name, value),
  };
  const said = () => entries.map((entry) => readEntry(entry));
  return { enrolled: new EnrolmentLog(log, store), again: () => new EnrolmentLog(log, store), state, said };
}

const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)];
const entry = (statement: Uint8Array) => ({ kind: "enrolment", statement });

test("a statement is in the log once, after another start, too", () => {
  const { enrolled, again, said } = parts();
  enrolled.add([one]);
  enrolled.add([one, two]);
  again().add([two, one]);
  expect(said()).toEqual([entry(one), entry(two)]);
});

test("what the log could not take waits for the next time", () => {
  const { enrolled, state, said } = parts();
  state.isFull = true;
  expect(() => enrolled.add([one])).toThrow("the disk is full");
  state.isFull = false;
  enrolled.add([two]);
  enrolled.add([]);
  expect(said()).toEqual([entry(one), entry(two)]);
});

test("one that is too long for an entry is passed over", () => {
  const { enrolled, said } = parts();
  enrolled.add([new Uint8Array(65_530), one]);
  expect(said()).toEqual([entry(one)]);
});
