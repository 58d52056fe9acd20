import {
  chmodSync,
  closeSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { didOfKey } from "../../agent/frame/identity.js";
import { openToAppend, openToChange, openToOverwrite, overwriteFile, replaceFile } from "../../node/files.js";
import { SequenceFile } from "../../node/network/frame-file.js";
import { openFrameStore } from "../../node/network/store.js";
import { createSigner, newPrivateKey } from "../../node/ports/signer.js";
import { openBatchLog } from "../../node/provision/batch-log.js";
import { register } from "../../node/provision/registry-file.js";
import { run, temporaryFolder } from "../support/cli.js";

/** A folder in which somebody else may write, and a file of one's own that this one wants written to. */
let shared: string;
let mine: string;
const at = (name: string) => join(shared, name);
const PRECIOUS = "precious\n";

beforeEach(() => {
  shared = join(temporaryFolder(), "shared");
  mkdirSync(shared);
  mine = join(temporaryFolder(), "mine.txt");
  writeFileSync(mine, PRECIOUS);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Somebody else's link. Whose it is only root can say; for others this process is made out to be somebody else. */
function theirLink(to: string, name: string): void {
  symlinkSync(to, at(name));
  const own = process.getuid?.() ?? 0;
  if (own === 0) lchownSync(at(name), 1234, 1234);
  else jest.spyOn(process as { getuid: () => number }, "getuid").mockReturnValue(own + 1);
}

const SENSOR = { name: "temperature", unit: "Cel", min: -40, max: 60, cadence: 60 };
const device = () => ({
  did: didOfKey(createSigner(newPrivateKey()).publicKey),
  site: "roof",
  sensors: [SENSOR],
});

describe("a link by the name of a file that is about to be made", () => {
  // What is written, the link's name, and where it leads: to a file, or to where one would be made.
  const table: [string, string, () => void][] = [
    ["a registry, beside it", "registry.json.new", () => register(at("registry.json"), "demo", device())],
    [
      "what is in quarantine, beside it",
      "q.next",
      () => new SequenceFile(at("q")).rewrite([Uint8Array.of(1)]),
    ],
  ];
  test.each(table)("%s: is not followed", (_, name, write) => {
    theirLink(mine, name);
    write();
    expect(readFileSync(mine, "utf8")).toBe(PRECIOUS);
  });

  const others: [string, string, () => void][] = [
    ["frames", "f.cborseq", () => openFrameStore(at("f.cborseq"), () => {})],
    ["what is in quarantine", "q", () => new SequenceFile(at("q")).append(Uint8Array.of(1))],
    ["a batch's log", "log.csv", () => openBatchLog(at("log.csv"))],
    ["a text", "text", () => overwriteFile(at("text"), "x")],
    ["a file that is appended to", "a", () => closeSync(openToAppend(at("a")))],
    ["a file that is changed", "c", () => closeSync(openToChange(at("c")))],
  ];
  describe.each(others)("%s", (_, name, write) => {
    test("is refused where it is somebody else's", () => {
      theirLink(mine, name);
      expect(write).toThrow(/is a link, and not yours|its first line is not/);
      expect(readFileSync(mine, "utf8")).toBe(PRECIOUS);
    });

    test("makes nothing where it leads", () => {
      symlinkSync(`${mine}.not-there`, at(name));
      expect(write).toThrow(/is a link to what is not there|ENOENT/);
      expect(existsSync(`${mine}.not-there`)).toBe(false);
    });
  });

  test("of one's own is followed to what is there", () => {
    symlinkSync(mine, at("own"));
    const file = openToAppend(at("own"));
    writeSync(file, "more\n");
    closeSync(file);
    expect(readFileSync(mine, "utf8")).toBe(`${PRECIOUS}more\n`);
    overwriteFile(at("own"), "other");
    expect([readFileSync(mine, "utf8"), lstatSync(at("own")).isSymbolicLink()]).toEqual(["other", true]);
  });

  test("is replaced where the file is", () => {
    symlinkSync(mine, at("receipt.json"));
    replaceFile(at("receipt.json"), "new", 0o644);
    expect([readFileSync(mine, "utf8"), readFileSync(at("receipt.json"), "utf8")]).toEqual([PRECIOUS, "new"]);
    expect(readdirSync(shared)).toEqual(["receipt.json"]);
  });
});

test("a file is made, emptied, appended to; a terminal and a pipe are written to", () => {
  const write = (file: number, text: string) => {
    writeSync(file, text);
    closeSync(file);
  };
  write(openToOverwrite(at("f")), "first");
  write(openToOverwrite(at("f")), "two");
  write(openToAppend(at("f")), "!");
  expect(readFileSync(at("f"), "utf8")).toBe("two!");
  expect(lstatSync(at("f")).mode & 0o111).toBe(0);
  write(openToOverwrite("/dev/null"), "x");
  chmodSync(at("f"), 0o600);
  write(openToOverwrite(at("f")), "");
  expect(lstatSync(at("f")).mode & 0o777).toBe(0o600);
});

test("the command line appends no frame to what somebody else's link names", async () => {
  expect((await run(["keygen", at("key.json")])).code).toBe(0);
  writeFileSync(at("r.json"), JSON.stringify([{ n: "temperature", u: "Cel", v: 21.5, t: 1_760_000_000 }]));
  const sign = (out: string) =>
    run(["sign", "--key-file", at("key.json"), "--senml", at("r.json"), "--out", out]);
  symlinkSync(`${mine}.not-there`, at("mine.cborseq"));
  expect(await sign(at("mine.cborseq"))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("is a link"),
  });
});
