import fs, {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, jest, test } from "@jest/globals";
import { InputError } from "../../agent/input-error.js";
import { readKeyFile, writeKeyFile } from "../../node/key-file.js";
import { createSigner, newPrivateKey } from "../../node/ports/signer.js";

const folder = mkdtempSync(join(tmpdir(), "fieldmark-key-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  jest.restoreAllMocks();
});
let files = 0;
const newPath = () => join(folder, `${files++}.json`);

const KEY = new Uint8Array(32).fill(7);
const OTHER = new Uint8Array(32).fill(8);

/** The JWK of a key, as the file has it. */
function jwkOf(key: Uint8Array): Record<string, string> {
  const path = newPath();
  writeKeyFile(path, key);
  return JSON.parse(readFileSync(path, "utf8"));
}

function written(text: string): string {
  const path = newPath();
  writeFileSync(path, text);
  return path;
}

/** The key as its bytes may show in a text. */
const SHOWN = ["hex", "base64", "base64url"].map((encoding) =>
  Buffer.from(KEY).toString(encoding as BufferEncoding),
);
const shows = (text: string) =>
  SHOWN.some((one) => text.toLowerCase().includes(one.slice(0, 8).toLowerCase()));

describe("a key file", () => {
  test("holds the key, for its owner only, whatever the umask", () => {
    const path = newPath();
    const umask = process.umask(0);
    try {
      writeKeyFile(path, KEY);
    } finally {
      process.umask(umask);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect([...readKeyFile(path)]).toEqual([...KEY]);
  });

  test("is a JWK of RFC 8812, with the whole point", () => {
    const jwk = jwkOf(KEY);
    expect(Object.keys(jwk)).toEqual(["kty", "crv", "x", "y", "d"]);
    expect([jwk.kty, jwk.crv]).toEqual(["EC", "secp256k1"]);
    for (const member of ["x", "y", "d"]) expect(jwk[member]).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(jwk.x as string, "base64url").equals(createSigner(KEY).publicKey.subarray(1))).toBe(
      true,
    );
  });

  test("keeps leading zeros of every member", () => {
    const one = new Uint8Array(32);
    one[31] = 1;
    const path = newPath();
    writeKeyFile(path, one);
    expect([...readKeyFile(path)]).toEqual([...one]);
    for (let i = 0; i < 40; i++) {
      const key = newPrivateKey();
      const other = newPath();
      writeKeyFile(other, key);
      expect([...readKeyFile(other)]).toEqual([...key]);
    }
  });

  test("of others with more members is read", () => {
    const path = written(JSON.stringify({ ...jwkOf(KEY), kid: "mine", use: "sig" }));
    expect([...readKeyFile(path)]).toEqual([...KEY]);
  });

  test("with a byte order mark is read", () => {
    const path = written(`\uFEFF${JSON.stringify(jwkOf(KEY))}`);
    expect([...readKeyFile(path)]).toEqual([...KEY]);
  });

  test("in UTF-16 is refused by that name", () => {
    const path = newPath();
    writeFileSync(path, JSON.stringify(jwkOf(KEY)), "utf16le");
    expect(() => readKeyFile(path)).toThrow(InputError);
    expect(() => readKeyFile(path)).toThrow("UTF-16");
  });

  test.each(["a key file", "an empty file", "a folder", "a link to nothing"])(
    "%s is never written over",
    (what) => {
      const path = newPath();
      if (what === "a key file") writeKeyFile(path, OTHER);
      if (what === "an empty file") writeFileSync(path, "");
      if (what === "a folder") fs.mkdirSync(path);
      if (what === "a link to nothing") symlinkSync(`${path}.none`, path);
      expect(() => writeKeyFile(path, KEY)).toThrow(expect.objectContaining({ code: "EEXIST" }));
      if (what === "a key file") expect([...readKeyFile(path)]).toEqual([...OTHER]);
      if (what === "an empty file") expect(statSync(path).size).toBe(0);
      expect(existsSync(`${path}.none`)).toBe(false);
    },
  );

  test("that could not be made durable is not left half made", () => {
    const path = newPath();
    jest.spyOn(fs, "fsyncSync").mockImplementation(() => {
      throw Object.assign(new Error("EIO: i/o error, fsync"), { code: "EIO" });
    });
    expect(() => writeKeyFile(path, KEY)).toThrow("EIO");
    expect(existsSync(path)).toBe(false);
  });
});

describe("what is no key file is refused, and nothing of it is shown", () => {
  const good = jwkOf(KEY);
  const other = jwkOf(OTHER);
  const d = good.d as string;
  const without = (member: string) =>
    Object.fromEntries(Object.entries(good).filter(([key]) => key !== member));

  test.each<{ name: string; text: string; says: string }>([
    { name: "empty", text: "", says: "is not a key file: fieldmark keygen makes one" },
    { name: "the key as bare text", text: d, says: "is not a key file" },
    {
      name: "cut short in the middle of the key",
      text: JSON.stringify(good).slice(0, -12),
      says: "is not a key file",
    },
    { name: "an array", text: JSON.stringify([good]), says: "is not a key file" },
    { name: "a number", text: "5", says: "is not a key file" },
    { name: "null", text: "null", says: "is not a key file" },
    { name: "another curve", text: JSON.stringify({ ...good, crv: "P-256" }), says: "is not a key file" },
    { name: "another type", text: JSON.stringify({ ...good, kty: "OKP" }), says: "is not a key file" },
    { name: "only the public part", text: JSON.stringify(without("d")), says: "is not a key file" },
    { name: "without y", text: JSON.stringify(without("y")), says: "is not a key file" },
    { name: "a key that is a number", text: JSON.stringify({ ...good, d: 5 }), says: "is not a key file" },
    {
      name: "a key with a letter that is none",
      text: JSON.stringify({ ...good, d: `${d}!` }),
      says: "is not a key file",
    },
    {
      name: "a key of 31 bytes",
      text: JSON.stringify({ ...good, d: Buffer.from(KEY.subarray(1)).toString("base64url") }),
      says: "d is not a secp256k1 private key",
    },
    {
      name: "a key of 33 bytes",
      text: JSON.stringify({ ...good, d: Buffer.from([...KEY, 1]).toString("base64url") }),
      says: "d is not a secp256k1 private key",
    },
    {
      name: "a key of 0",
      text: JSON.stringify({ ...good, d: Buffer.alloc(32).toString("base64url") }),
      says: "d is not a secp256k1 private key",
    },
    {
      name: "a key above the order",
      text: JSON.stringify({ ...good, d: Buffer.alloc(32, 255).toString("base64url") }),
      says: "d is not a secp256k1 private key",
    },
    {
      name: "the x of another key",
      text: JSON.stringify({ ...good, x: other.x }),
      says: "x and y do not belong to d",
    },
    {
      name: "the y of another key",
      text: JSON.stringify({ ...good, y: other.y }),
      says: "x and y do not belong to d",
    },
    { name: "an empty x", text: JSON.stringify({ ...good, x: "" }), says: "x and y do not belong to d" },
  ])("$name", ({ text, says }) => {
    const path = written(text);
    let error: unknown;
    try {
      readKeyFile(path);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InputError);
    const { message, stack, cause } = error as Error;
    expect(message).toContain(path);
    expect(message).toContain(says);
    expect(shows(`${message} ${stack} ${String(cause)} ${JSON.stringify(error)}`)).toBe(false);
  });

  test("a file that is not there is the file system's error", () => {
    expect(() => readKeyFile(newPath())).toThrow(expect.objectContaining({ code: "ENOENT" }));
  });

  test("this test knows the key when it sees it", () => {
    expect(shows(JSON.stringify(good))).toBe(true);
    expect(shows(JSON.stringify(other))).toBe(false);
  });
});
