/** What the kernel says that this process has in memory, and that with xs-host's, in bytes. */
export interface NodeMemory {
  readonly nodeResidentBytes: number;
  readonly nodeResidentBytesPerBoard: number;
  /** This process and all xs-host processes, over the number of boards. */
  readonly totalResidentBytesPerBoard: number;
}

/** `own` and `residentBytes`: what this process has in memory, and all xs-host processes, in bytes. */
export function nodeMemory(own: number, residentBytes: number, boards: number): NodeMemory {
  const each = (bytes: number) => (boards === 0 ? 0 : Math.round(bytes / boards));
  return {
    nodeResidentBytes: own,
    nodeResidentBytesPerBoard: each(own),
    totalResidentBytesPerBoard: each(own + residentBytes),
  };
}
