import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { InputError } from "../../agent/input-error.js";
import { readTextFile, textOfVariable } from "../../node/text-file.js";
import { decodeText, firstLine } from "../../text/decode.js";
import { temporaryFolder } from "../support/cli.js";

const utf8 = (text: string) => new TextEncoder().encode(text);
const BOM = "\uFEFF";
const bigEndian = (text: string) => Buffer.from(text, "utf16le").swap16();

const TEXTS: [string, Uint8Array, string][] = [
  ["UTF-8", utf8('["ä€😀"]'), '["ä€😀"]'],
  ["UTF-8 with a byte order mark", utf8(`${BOM}[1]`), "[1]"],
  ["two marks", utf8(`${BOM}${BOM}[1]`), "[1]"],
  ["a mark inside", utf8(`a${BOM}b`), `a${BOM}b`],
  ["lines of Windows", utf8("a\r\nb\r\n"), "a\r\nb\r\n"],
  ["empty", utf8(""), ""],
  ["one byte", utf8("1"), "1"],
];
const REFUSED: [string, Uint8Array, string][] = [
  ["UTF-16, little end first", Buffer.from(`${BOM}[1]`, "utf16le"), "UTF-16"],
  ["UTF-16, big end first", bigEndian(`${BOM}[1]`), "UTF-16"],
  ["UTF-16 without a mark", Buffer.from("secret", "utf16le"), "UTF-16"],
  ["UTF-16 without a mark, big end first", bigEndian("secret"), "UTF-16"],
  ["UTF-16, a mark and nothing else", Uint8Array.of(0xff, 0xfe), "UTF-16"],
  ["Latin-1", Buffer.from("Gäste secret", "latin1"), "Latin-1"],
  ["a sign that ends too early", Uint8Array.of(0x61, 0xc3), "Latin-1"],
  ["a NUL", utf8("a\0b"), "UTF-16"],
];

test.each(TEXTS)("%s", (_name, bytes, text) => {
  expect(decodeText(bytes)).toBe(text);
});

test.each(REFUSED)("%s is refused, and nothing of it is shown", (_name, bytes, says) => {
  expect(() => decodeText(bytes)).toThrow(InputError);
  expect(() => decodeText(bytes)).toThrow(/^not text in UTF-8, .*: save it as UTF-8$/);
  expect(() => decodeText(bytes)).toThrow(says);
  expect(() => decodeText(bytes)).not.toThrow("secret");
});

test.each([
  ["pw", "pw"],
  ["pw\nmore", "pw"],
  ["pw\r\nmore\r\n", "pw"],
  ["pw\r", "pw"],
  [`${BOM}pw\n`, "pw"],
  [" p w ", " p w "],
  ["", ""],
])("the password in %j is %j", (text, password) => {
  expect(firstLine(text)).toBe(password);
});

describe("a file", () => {
  const path = join(temporaryFolder(), "site.toml");

  test("is read, and named where it is no text", () => {
    writeFileSync(path, utf8(`${BOM}ä`));
    expect(readTextFile(path)).toBe("ä");
    writeFileSync(path, Buffer.from("ä", "latin1"));
    expect(() => readTextFile(path)).toThrow(`${path}: not text in UTF-8`);
  });
});

describe("a variable", () => {
  const NAME = "FIELDMARK_TEST_TEXT";
  afterEach(() => void delete process.env[NAME]);

  test.each([
    ["pw", "pw"],
    ["pw\r", "pw"],
    [`${BOM}pw\r\n`, "pw"],
    ["", ""],
  ])("%j is %j", (given, text) => {
    process.env[NAME] = given;
    expect(textOfVariable(NAME)).toBe(text);
  });

  test("that is not there is none, and one that is not UTF-8 is refused by its name", () => {
    expect(textOfVariable(NAME)).toBeUndefined();
    process.env[NAME] = "G\uFFFDste";
    expect(() => textOfVariable(NAME)).toThrow(`${NAME}: not text in UTF-8`);
  });
});

/** What the system or this program wrote, no person, or what comes off a wire. */
const OWN = [
  "text/decode.ts",
  "node/lock.ts",
  "provision/bundle/zip.ts", // names in its directory
  "node/serial/linux-ports.ts",
  "provision/page/build.js",
  "cli/version.ts",
  "cli/render/console-lines.ts",
];

test.each(["cli", "tools", "network", "provision", "inspect", "node", "text"])(
  "%s reads no file of text in another way",
  (folder) => {
    const root = join(__dirname, "../..");
    const found = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.[tj]s$/.test(name))
      .map((name) => join(folder, name))
      .filter((name) => READS.test(readFileSync(join(root, name), "utf8")));
    expect(found.filter((name) => !OWN.includes(name))).toEqual([]);
  },
);

const READS = /readFile(Sync)?\([^)]*utf-?8|new TextDecoder\(("utf-8", \{ fatal|\))/;
