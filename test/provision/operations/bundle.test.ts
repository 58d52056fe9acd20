import { describe, expect, test } from "@jest/globals";
import { createRandom32 } from "../../../host-sim/virtual-board/flash/random.js";
import { sampleBuild } from "../../../host-sim/virtual-board/rom/sample-build.js";
import { createSigner, newPrivateKey, signatureChecker } from "../../../node/ports/signer.js";
import { openBundle } from "../../../provision/bundle/bundle.js";
import { makeBundle, zipBundle } from "../../../provision/bundle/make.js";
import { bundleFromZip } from "../../../provision/bundle/source.js";
import type { OperationError } from "../../../provision/events.js";
import { filesOf, MAKER, sourceOf } from "../support/firmware.js";

const build = sampleBuild({ size: 1000 });
const other = createSigner(newPrivateKey());
type Files = Map<string, Uint8Array>;
const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

function flipped(data: Uint8Array, at: number, bits: number): Uint8Array {
  const copy = data.slice();
  copy[at] = (copy[at] as number) ^ bits;
  return copy;
}

/** The manifest with something changed, and signed again by its maker; what makes bundles would refuse it. */
function withOffset(path: string, offset: number): Files {
  const parts = build.parts.map((part) => (part.path === path ? { ...part, offset } : part));
  return filesOf([{ ...build, parts }]);
}

describe("a bundle is opened", () => {
  test("from its files, and from a zip of them, also in a folder", async () => {
    const files = filesOf([build, sampleBuild({ chip: "esp32", size: 1000 })]);
    const inFolder = new Map([...files].map(([path, data]) => [`fieldmark-0.1.0/${path}`, data]));
    const sources = [files, inFolder].map((all, i) => bundleFromZip(`${i}.zip`, zipBundle(all)));
    for (const source of [sourceOf(files), ...sources]) {
      const bundle = await openBundle(source, MAKER, signatureChecker);
      expect(bundle).toMatchObject({ name: "Fieldmark", version: "0.1.0", signer: MAKER });
      expect(bundle.chips).toEqual(["esp32c3", "esp32"]);
      expect(bundle.partsFor("esp32c3")?.map(({ offset }) => offset)).toEqual([0, 0x8000, 0xf000, 0x20000]);
      expect(bundle.partsFor("esp32s3")).toBeUndefined();
    }
  });

  test("the same files make the same zip", () => {
    expect(Buffer.from(zipBundle(filesOf([build]))).equals(zipBundle(filesOf([build])))).toBe(true);
  });
});

describe("a bundle is refused", () => {
  const app = "esp32c3/fieldmark.bin";
  const change = (path: string, edit: (data: Uint8Array) => Uint8Array | undefined) => () => {
    const files = filesOf([build]);
    const edited = edit(files.get(path) as Uint8Array);
    if (edited === undefined) files.delete(path);
    else files.set(path, edited);
    return files;
  };
  const flip = (at: number) => (data: Uint8Array) => flipped(data, at, 1);
  const table: [string, () => Files, string, string][] = [
    ["with one bit of a part changed", change(app, flip(700)), "bundle-damaged", app],
    ["with a part that is cut off", change(app, (data) => data.subarray(1)), "bundle-damaged", app],
    ["without a part", change(app, () => undefined), "bundle-damaged", "missing"],
    ["without a manifest", change("manifest.json", () => undefined), "bundle-damaged", "no manifest.json"],
    [
      "with one bit of the manifest changed",
      change("manifest.json", flip(20)),
      "bundle-signature",
      "another manifest",
    ],
    [
      "that nobody signed",
      change("manifest.json.cose", () => undefined),
      "bundle-signature",
      "nobody signed",
    ],
    [
      "with one bit of the signature changed",
      change("manifest.json.cose", flip(190)),
      "bundle-signature",
      "not good",
    ],
    [
      "with a signature that is rubbish",
      change("manifest.json.cose", () => Uint8Array.of(1)),
      "bundle-signature",
      "not good",
    ],
    [
      "signed by somebody else",
      () => makeBundle({ name: "x", version: "1" }, [build], other),
      "bundle-untrusted",
      MAKER,
    ],
    ["with a part inside of a sector", () => withOffset(app, 0x20010), "bundle-layout", "inside of a sector"],
    ["with parts that overlap", () => withOffset(app, 0x8000), "bundle-layout", "overlaps"],
  ];
  test.each(table)("%s", async (_name, files, code, said) => {
    const error = await openBundle(sourceOf(files()), MAKER, signatureChecker).catch(
      (e: OperationError) => e,
    );
    expect(error).toMatchObject({ code, message: expect.stringContaining(said) });
  });

  test("where nobody said whom to trust, and says who signed", async () => {
    const error = await openBundle(sourceOf(filesOf([build])), undefined, signatureChecker).catch(
      (e: Error) => e,
    );
    expect(error).toMatchObject({ code: "bundle-untrusted", message: expect.stringContaining(MAKER) });
  });

  test.each(["../x.bin", "/etc/passwd", "a//b", "c:\\x", "https://host/x", "a/../b", ".hidden"])(
    "whose part is at %s",
    (path) => {
      const parts = [{ path, offset: 0, data: new Uint8Array(16) }];
      expect(() => filesOf([{ chipFamily: "ESP32", parts }])).toThrow("not a plain relative path");
    },
  );

  test("with any byte of its zip changed, or else it says the same", async () => {
    const zip = zipBundle(filesOf([build]));
    const random = createRandom32(8);
    const right = await openBundle(bundleFromZip("z", zip), MAKER, signatureChecker);
    let refused = 0;
    for (let i = 0; i < 100; i++) {
      const at = random() % zip.length;
      const broken = flipped(zip, at, 1 << (random() % 8));
      try {
        const bundle = await openBundle(bundleFromZip("z", broken), MAKER, signatureChecker);
        expect(bundle.partsFor("esp32c3")).toEqual(right.partsFor("esp32c3"));
      } catch (error) {
        expect((error as OperationError).code).toMatch(/^bundle-/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(70);
  });
});

test("ESP Web Tools finds in the manifest what it reads", () => {
  const manifest = JSON.parse(text(filesOf([build]).get("manifest.json"))) as Record<string, unknown>;
  expect(manifest).toMatchObject({
    name: "Fieldmark",
    version: "0.1.0",
    // Neither erases without a word, nor asks where versions of it can leave it.
    new_install_prompt_erase: false,
    new_install_skip_erase: true,
    builds: [
      {
        chipFamily: "ESP32-C3",
        parts: expect.arrayContaining([{ path: "esp32c3/fieldmark.bin", offset: 0x20000 }]),
      },
    ],
  });
});
