import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { deflateSync, zipSync } from "fflate";
import { createRandom32 } from "../../../host-sim/virtual-board/flash/random.js";
import { sampleBuild } from "../../../host-sim/virtual-board/rom/sample-build.js";
import { signatureChecker } from "../../../node/ports/signer.js";
import { readBuilds } from "../../../node/provision/builds.js";
import { bundleFromPath } from "../../../node/provision/files.js";
import { openBundle } from "../../../provision/bundle/bundle.js";
import { bundleFromZip } from "../../../provision/bundle/source.js";
import { Zip } from "../../../provision/bundle/zip.js";
import type { OperationError } from "../../../provision/events.js";
import { temporaryFolder } from "../../support/cli.js";
import { filesOf, MAKER } from "../support/firmware.js";

const MB = 1 << 20;

interface File {
  readonly name: string;
  readonly packed: Uint8Array;
  /** 0: stored, 8: deflated. */
  readonly method?: number;
  /** What it says that it has. */
  readonly size?: number;
  readonly flags?: number;
  /** Of another file: its bytes are there. */
  readonly at?: number;
  readonly local?: Partial<{ name: string; method: number; packed: number; size: number }>;
}

/** A zip as its files say, true or not. */
function zipOf(
  files: readonly File[],
  end: Partial<{ count: number; directory: number; comment: string }> = {},
) {
  const parts: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const { name, packed, method = 8, size = packed.length, flags = 0, at: own, local = {} } of files) {
    const title = Buffer.from(name);
    const place = own ?? at;
    if (own === undefined) {
      const said = { name, method, packed: packed.length, size, ...local };
      const inside = Buffer.from(said.name);
      const head = Buffer.alloc(30);
      head.writeUInt32LE(0x04034b50, 0);
      head.writeUInt16LE(flags, 6);
      head.writeUInt16LE(said.method, 8);
      head.writeUInt32LE(said.packed, 18);
      head.writeUInt32LE(said.size, 22);
      head.writeUInt16LE(inside.length, 26);
      parts.push(head, inside, Buffer.from(packed.buffer, packed.byteOffset, packed.length));
      at += 30 + inside.length + packed.length;
    }
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(size, 24);
    entry.writeUInt16LE(title.length, 28);
    entry.writeUInt32LE(place, 42);
    entries.push(entry, title);
  }
  const directory = Buffer.concat(entries);
  const last = Buffer.alloc(22);
  const comment = Buffer.from(end.comment ?? "");
  last.writeUInt32LE(0x06054b50, 0);
  last.writeUInt16LE(end.count ?? files.length, 8);
  last.writeUInt16LE(end.count ?? files.length, 10);
  last.writeUInt32LE(directory.length, 12);
  last.writeUInt32LE(end.directory ?? at, 16);
  last.writeUInt16LE(comment.length, 20);
  return new Uint8Array(Buffer.concat([...parts, directory, last, comment]));
}

const stored = (name: string, text: string, more: Partial<File> = {}): File => ({
  name,
  packed: Buffer.from(text),
  method: 0,
  ...more,
});
const zeros = (bytes: number) => deflateSync(new Uint8Array(bytes), { level: 9 });
const readAll = (zip: Uint8Array) => {
  const { names } = new Zip(zip);
  return names.map((name) => [name, Buffer.from(new Zip(zip).read(name, 16 * MB) ?? []).toString()]);
};

describe("a zip is read", () => {
  test("whose files are stored or packed, with folders, a comment, and sizes after the data", () => {
    const zip = zipOf(
      [
        stored("f/", ""),
        stored("f/a", "one"),
        {
          name: "f/b",
          packed: deflateSync(Buffer.from("two two two")),
          size: 11,
          flags: 8,
          local: { packed: 0, size: 0 },
        },
      ],
      { comment: "made by hand" },
    );
    expect(readAll(zip)).toEqual([
      ["f/a", "one"],
      ["f/b", "two two two"],
    ]);
  });

  test("as far as it is asked for: what nobody names is not unpacked", () => {
    const files = filesOf([sampleBuild({ size: 1000 })]);
    const packed = zeros(60 * MB);
    const more = [...files].map(([name, data]) => ({ name, packed: deflateSync(data), size: data.length }));
    const bomb = zipOf([...more, { name: "bomb", packed, size: 60 * MB }, { name: "liar", packed, size: 1 }]);
    const before = process.memoryUsage().arrayBuffers;
    return openBundle(bundleFromZip("z", bomb), MAKER, signatureChecker).then(({ chips }) => {
      expect(chips).toEqual(["esp32c3"]);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MB);
    });
  });
});

describe("a zip is refused", () => {
  const one = stored("manifest.json", "{}");
  const packed = zeros(16 * MB);
  const table: [string, () => Uint8Array, RegExp][] = [
    [
      "whose files share their bytes",
      () => zipOf([one, stored("b", "{}", { at: 0 })]),
      /not where|different things|share bytes/,
    ],
    [
      "of which one begins inside of another",
      () =>
        zipOf([
          stored("a", Buffer.from(zipOf([stored("b", "x")]).subarray(0, 32)).toString("latin1")),
          stored("b", "x", { at: 31 }),
        ]),
      /share bytes/,
    ],
    ["with two of one name", () => zipOf([one, stored("manifest.json", "{ }")]), /twice/],
    [
      "with one of 16 MB that says 1 byte",
      () => zipOf([{ name: "manifest.json", packed, size: 1 }]),
      /longer than it says/,
    ],
    [
      "with one that says more than it has",
      () => zipOf([{ name: "manifest.json", packed: zeros(5), size: 9 }]),
      /shorter than it says/,
    ],
    [
      "with one that says 4 GB",
      () => zipOf([{ name: "manifest.json", packed, size: 0xfffffffe }]),
      /4294967294 bytes/,
    ],
    [
      "with one in ZIP64",
      () => zipOf([{ name: "manifest.json", packed, size: 0xffffffff }]),
      /larger than a bundle/,
    ],
    [
      "with a stored one that says another size",
      () => zipOf([stored("manifest.json", "{}", { size: 1 })]),
      /not as long/,
    ],
    [
      "with one of another name in its place",
      () => zipOf([{ ...one, local: { name: "manifest.jsom" } }]),
      /different things/,
    ],
    [
      "with one packed in another way there",
      () => zipOf([{ ...one, local: { method: 8 } }]),
      /different things/,
    ],
    ["with one of another size there", () => zipOf([{ ...one, local: { size: 1 } }]), /different things/],
    ["with one that is encrypted", () => zipOf([{ ...one, flags: 1 }]), /encrypted/],
    ["with one packed by bzip2", () => zipOf([{ ...one, method: 12 }]), /method 12/],
    ["with one that is beyond its end", () => zipOf([one, stored("b", "x", { at: 0xfffff })]), /not where/],
    ["with more files than it has", () => zipOf([one], { count: 3 }), /damaged/],
    ["with fewer", () => zipOf([one, stored("b", "x")], { count: 1 }), /damaged/],
    ["with 257 files", () => zipOf(Array.from({ length: 257 }, (_, i) => stored(`${i}`, ""))), /257 files/],
    ["whose directory is elsewhere", () => zipOf([one], { directory: 1 }), /not at its end/],
    [
      "with something before it",
      () => new Uint8Array([0x50, 0x4b, ...new Uint8Array(9), ...zipOf([one])]),
      /not at its end/,
    ],
    ["that is cut off", () => zipOf([one]).subarray(0, -1), /no directory/],
    ["that is nothing", () => new Uint8Array(0), /no directory/],
  ];
  test.each(table)("%s", async (_, make, said) => {
    const read = async () => bundleFromZip("z.zip", make()).read("manifest.json", MB);
    const error = await read().catch((e: OperationError) => e);
    expect(error).toMatchObject({ code: "bundle-damaged", message: expect.stringMatching(said) });
  });

  test("whose 8 MB would be 2 GB: 250 files of the same 8 MB", () => {
    const data = new Uint8Array(8 * MB);
    const files = Array.from({ length: 250 }, (_, i) => ({
      name: `${i}`,
      packed: data,
      method: 0,
      size: 0,
      ...(i > 0 && { at: 0 }),
    }));
    const zip = zipOf(files);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => bundleFromZip("z", zip)).toThrow(/z is not a zip that can be read/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(MB);
  });

  test("a million of zeros a byte, no further than it may go", () => {
    // A stream that goes on and on: what is unpacked at once stays small.
    const packed = zeros(200 * MB);
    const zip = new Zip(zipOf([{ name: "a", packed, size: 4 * MB }]));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => zip.read("a", 16 * MB)).toThrow(/longer than it says/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * MB);
  });
});

test("whatever is changed in a zip, it is read, or refused in words", () => {
  const random = createRandom32(5);
  const good = zipSync({
    "a/x": Buffer.from("hello hello hello"),
    "a/y": [Buffer.from("stored"), { level: 0 }],
  });
  for (let i = 0; i < 3000; i++) {
    const bad = good.slice(0, random() % 9 === 0 ? random() % good.length : good.length);
    for (let n = random() % 4; n >= 0; n--) bad[random() % (bad.length || 1)] = random();
    try {
      for (const name of new Zip(bad).names) new Zip(bad).read(name, MB);
    } catch (error) {
      expect((error as Error).message).not.toMatch(/Offset|undefined|null/);
    }
  }
});

describe("files on disk", () => {
  const folder = temporaryFolder();

  test("a zip of many gigabytes, and a part that is longer than its maker signed, are not read", async () => {
    writeFileSync(join(folder, "huge.zip"), "PK");
    truncateSync(join(folder, "huge.zip"), 8 * 1024 * MB);
    await expect(bundleFromPath(join(folder, "huge.zip"))).rejects.toMatchObject({ code: "bundle-damaged" });
    const files = filesOf([sampleBuild({ size: 1000 })]);
    mkdirSync(join(folder, "bundle/esp32c3"), { recursive: true });
    for (const [name, data] of files) writeFileSync(join(folder, "bundle", name), data);
    truncateSync(join(folder, "bundle/esp32c3/fieldmark.bin"), 8 * 1024 * MB);
    const source = await bundleFromPath(join(folder, "bundle"));
    await expect(openBundle(source, MAKER, signatureChecker)).rejects.toMatchObject({
      code: "bundle-damaged",
      message: expect.stringContaining("fieldmark.bin is longer"),
    });
  });

  test.each([
    ["../secret.txt", "leads out"],
    ["a/../../secret.txt", "leads out"],
    ["link.txt", "leads out"],
  ])("a manifest of ESP Web Tools gets no file into a bundle that is not in its folder: %s", (path, said) => {
    const inside = join(temporaryFolder(), "web");
    mkdirSync(join(inside, "a"), { recursive: true });
    writeFileSync(join(inside, "../secret.txt"), "hunter2");
    symlinkSync("../secret.txt", join(inside, "link.txt"));
    const builds = [{ chipFamily: "ESP32-C3", parts: [{ path, offset: 0 }] }];
    writeFileSync(join(inside, "manifest.json"), JSON.stringify({ name: "x", builds }));
    expect(() => readBuilds(inside)).toThrow(said);
  });
});
