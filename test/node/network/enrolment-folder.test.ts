import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { EnrolmentFolder } from "../../../node/network/enrolment-folder.js";
import { openRegistrySource } from "../../../node/network/registry-source.js";
import { alice, bob, didOf, endOf, enrolOf, keyOf, kidOf } from "../../network/enrolment/fleet.js";

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "fieldmark-enrolments-"));
});
afterEach(() => rmSync(path, { recursive: true }));

const [one, two] = [keyOf(1), keyOf(2)] as const;
const enrol = enrolOf(one, alice);
const end = endOf(one, alice, enrol);
const put = (name: string, ...documents: readonly Uint8Array[]) =>
  writeFileSync(join(path, name), Buffer.concat(documents));
const open = () => EnrolmentFolder.open(path, { network: "demo" }).folder;
const NOTHING = { entered: [], complaints: [] };

test("what is there is read, and what comes; files may have any of it, in any order", () => {
  put("b.enrolment", enrol);
  put("a.enrolment", end);
  put("notes.txt", new Uint8Array(9));
  const folder = open();
  expect(folder.book.device(kidOf(one))?.entries).toHaveLength(2);
  expect(folder.look()).toEqual(NOTHING);
  const added = enrolOf(two, bob);
  put("c.enrolment", added);
  expect(folder.look()).toEqual({ entered: [added], complaints: [] });
  expect(folder.book.size).toBe(2);
});

test("a file that grows is read again, and one that is gone takes nothing out", () => {
  put("a.enrolment", enrol);
  const folder = open();
  appendFileSync(join(path, "a.enrolment"), end);
  expect(folder.look().entered).toEqual([end]);
  rmSync(join(path, "a.enrolment"));
  expect(folder.look()).toEqual(NOTHING);
  expect(folder.book.device(kidOf(one))?.absences).toHaveLength(1);
});

test("a file that is being written is not judged by what is missing yet", () => {
  const folder = open();
  put("a.enrolment", enrol, end.subarray(0, 50));
  expect(folder.look()).toEqual({ entered: [enrol], complaints: [] });
  put("a.enrolment", enrol, end);
  expect(folder.look()).toEqual({ entered: [end], complaints: [] });
  expect(folder.look()).toEqual(NOTHING);
});

test("what is refused is told once, when its file has come to rest", () => {
  const folder = open();
  const foreign = enrolOf(one, alice, { network: "other" });
  put("a.enrolment", foreign, enrol, new Uint8Array(4));
  expect(folder.look()).toEqual({ entered: [enrol], complaints: [] });
  const file = join(path, "a.enrolment");
  expect(folder.look().complaints).toEqual([
    { file, reason: "it is for another network than demo" },
    { file, reason: expect.stringContaining(`no statement begins at byte ${foreign.length + enrol.length}`) },
  ]);
  put("a.enrolment", foreign, enrol, end);
  expect([folder.look(), folder.look()]).toEqual([{ entered: [end], complaints: [] }, NOTHING]);
});

test("the network is that of the statements, where they are of one", () => {
  expect(() => openRegistrySource({ path })).toThrow("no network");
  put("a.enrolment", enrol);
  expect(openRegistrySource({ path }).registry.network).toBe("demo");
  put("b.enrolment", enrolOf(one, alice, { network: "other" }));
  expect(() => openRegistrySource({ path })).toThrow("several networks");
  const source = openRegistrySource({ path, network: "other", owners: new Set([didOf(bob)]) });
  expect(source.registry.size).toBe(0);
  expect(source.look().words).toEqual([
    expect.stringContaining("a.enrolment: not entered: it is for another network than other"),
    expect.stringContaining("is none of the owners who may enrol here"),
  ]);
});
