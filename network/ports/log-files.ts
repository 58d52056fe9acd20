/**
 * The files of one log, by paths such as `checkpoint` or `tile/0/x001/234.p/5`: segments of a to z,
 * 0 to 9 and `.p`. Nobody else writes them meanwhile.
 */
export interface LogFiles {
  /** Whether nothing was ever written. */
  isEmpty(): boolean;
  /** What was last written there; undefined where nothing was. The caller may keep it. */
  read(path: string): Uint8Array | undefined;
  /**
   * Makes `bytes` the file's content. Whole or not at all; when this returns it survives a power
   * cut, and so does all that was written before. Throws where it cannot be written; the message
   * must name the place. It may have been written even so.
   */
  write(path: string, bytes: Uint8Array): void;
  /**
   * The files below `path`, a folder, are no longer wanted. Those that cannot be removed, and those
   * that a power cut brings back, stay: this never throws.
   */
  forget(path: string): void;
}
