/** The verifier's disk: frames in the order in which they were kept. Appending is all or nothing. */
export class Disk {
  readonly frames: Uint8Array[] = [];
  /** Nothing more fits while this is above 0. */
  full = 0;

  /** Durable when it returns. Throws where the disk is full. */
  append(frame: Uint8Array): void {
    if (this.full > 0) throw new Error("ENOSPC: no space left on the simulated disk");
    this.frames.push(frame);
  }
}
