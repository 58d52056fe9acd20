import { describe, expect, test } from "@jest/globals";
import type { Flash } from "../../../agent/ports/flash.js";
import type { KeyValue } from "../../../agent/ports/key-value.js";
import { createMemoryFlash } from "../../../node/ports/flash.js";
import { describeFlash, SECTOR_BYTES, SIZE } from "../../conformance/flash.js";
import { describeKeyValue } from "../../conformance/key-value.js";
import { loadFirmware } from "./board.js";

/** NVS as the SDK's key-value storage gives it: namespaces, blobs, an ArrayBuffer or undefined. */
class FakeNvs {
  readonly #spaces = new Map<string, Map<string, ArrayBuffer>>();
  readonly opened: { path: string; format: string }[] = [];

  open(options: { path: string; format: string }) {
    this.opened.push(options);
    const space = this.#spaces.get(options.path) ?? new Map<string, ArrayBuffer>();
    this.#spaces.set(options.path, space);
    return {
      read: (key: string) => space.get(key)?.slice(0),
      write: (key: string, value: Uint8Array) => void space.set(key, value.slice().buffer as ArrayBuffer),
      delete: (key: string) => void space.delete(key),
    };
  }
}

function nvsStores(nvs: FakeNvs): new () => KeyValue<string> {
  return loadFirmware<{ NvsKeyValue: new () => KeyValue<string> }>("esp32/key-value.ts", {
    "embedded:storage/key-value": { default: nvs },
  }).NvsKeyValue;
}

describeKeyValue("NVS", () => {
  const Store = nvsStores(new FakeNvs());
  return { open: () => new Store(), close() {} };
});

test("the store is not in the namespace of the signer's key", () => {
  const nvs = new FakeNvs();
  new (nvsStores(nvs))();
  expect(nvs.opened).toEqual([{ path: "agent", format: "buffer" }]);
});

/** A partition as the SDK's flash storage gives it: it checks nothing, and takes no empty buffer. */
function fakePartition(flash: Flash) {
  const some = (data: Uint8Array) => {
    if (data.length === 0) throw new Error("no buffer");
    return data;
  };
  return {
    status: () => ({ size: flash.size, blockLength: flash.sectorBytes }),
    read: (into: Uint8Array, at: number) => flash.read(at, some(into)),
    write: (data: Uint8Array, at: number) => flash.program(at, some(data)),
    eraseBlock: (block: number) => flash.erase(block * flash.sectorBytes),
  };
}

type PartitionFlash = new (label: string) => Flash;

function loadFlash(open: (options: { path: string; mode: string }) => object): PartitionFlash {
  return loadFirmware<{ PartitionFlash: PartitionFlash }>("esp32/flash.ts", {
    "embedded:storage/flash": { default: { open } },
  }).PartitionFlash;
}

describeFlash("partition", () => {
  const bytes = new Uint8Array(SIZE).fill(0xff);
  const partition = fakePartition(createMemoryFlash({ size: SIZE, sectorBytes: SECTOR_BYTES, bytes }));
  const PartitionFlash = loadFlash(() => partition);
  return { open: () => new PartitionFlash("journal"), close() {} };
});

describe("partition", () => {
  test("is opened by its label, to be written", () => {
    const opened: object[] = [];
    const PartitionFlash = loadFlash((options) => {
      opened.push(options);
      return fakePartition(createMemoryFlash({ size: SIZE }));
    });
    new PartitionFlash("journal");
    expect(opened).toEqual([{ path: "journal", mode: "r+" }]);
  });
});
