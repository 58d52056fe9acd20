export interface Partition {
  name: string;
  type: string;
  subtype: string;
  offset: number;
  size: number;
  flags: string[];
}

export class PartitionError extends Error {}
export const PARTITION_TABLE: number;
export function parsePartitions(csv: string): Partition[];
export function parseBinaryTable(bytes: Buffer): Partition[];
export function checkPartitions(table: readonly Partition[], flash: number): void;
