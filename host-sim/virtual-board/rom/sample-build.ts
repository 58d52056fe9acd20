import type { BuildFiles } from "../../../provision/bundle/make.js";
import { writeAppImage } from "../../../provision/flash/app-image.js";
import { CHIPS, type ChipName } from "../../../provision/flash/chips.js";
import { type Partition, TABLE_AT, writePartitionTable } from "../../../provision/flash/partition-table.js";
import { createRandom32 } from "../flash/random.js";

/** The layout of manifests/<board>/partitions.csv. */
export const PARTITIONS: readonly Partition[] = [
  { name: "nvs", type: 1, subtype: 0x02, offset: 0x9000, size: 0x6000 },
  { name: "otadata", type: 1, subtype: 0x00, offset: 0xf000, size: 0x2000 },
  { name: "phy_init", type: 1, subtype: 0x01, offset: 0x11000, size: 0x1000 },
  { name: "nvs_keys", type: 1, subtype: 0x04, offset: 0x12000, size: 0x1000 },
  { name: "ota_0", type: 0, subtype: 0x10, offset: 0x20000, size: 0x1b0000 },
  { name: "ota_1", type: 0, subtype: 0x11, offset: 0x1d0000, size: 0x1b0000 },
  { name: "journal", type: 1, subtype: 0x06, offset: 0x380000, size: 0x80000 },
];

export interface SampleOptions {
  readonly chip?: ChipName;
  readonly version?: string;
  /** Of the application, in bytes. */
  readonly size?: number;
}

/**
 * Firmware for a simulated board: a real bootloader's and a real application's form, with nothing in them that runs. The
 * simulated board starts its own agent where it finds such an application whole.
 */
export function sampleBuild({
  chip = "esp32c3",
  version = "0.1.0",
  size = 200_000,
}: SampleOptions = {}): BuildFiles {
  const { id, family, bootloaderAt } = CHIPS[chip];
  const random = createRandom32(id + 1);
  // As compressible as code: about to 60 %.
  const content = (bytes: number) =>
    Uint8Array.from({ length: bytes }, () => (random() % 3 === 0 ? 0 : random() & 0x7f));
  const parts = [
    {
      path: `${chip}/bootloader.bin`,
      offset: bootloaderAt,
      data: writeAppImage({ chip: id, project: "", version: "" }, content(6_000)),
    },
    { path: `${chip}/partition-table.bin`, offset: TABLE_AT, data: writePartitionTable(PARTITIONS) },
    { path: `${chip}/ota_data_initial.bin`, offset: 0xf000, data: new Uint8Array(0x2000).fill(0xff) },
    {
      path: `${chip}/fieldmark.bin`,
      offset: 0x20000,
      data: writeAppImage({ chip: id, project: "fieldmark", version }, content(size)),
    },
  ];
  return { chipFamily: family, parts };
}
