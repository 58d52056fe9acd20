/** The shortest frame, about: how many a sector can have. With more of shorter ones a sector ends before it is full. */
const FRAME_BYTES = 128;

/** Offsets that the indices of `count` sectors have together: one array, which costs a board less than one for each. */
export function sectorOffsets(sectorBytes: number, count: number): Uint16Array {
  return new Uint16Array(count * Math.ceil(sectorBytes / FRAME_BYTES));
}

/** Where the frames of one sector are. */
export class SectorIndex {
  /** -1: of none. */
  sector = -1;
  serial = 0;
  /** Id of the sector's first frame. */
  firstId = 0;
  count = 0;
  /** Offsets in the sector; 0 for a frame that cannot be read. */
  readonly #offsets: Uint16Array;

  /** `offsets`: where the index is kept. */
  constructor(sectorBytes: number, offsets = sectorOffsets(sectorBytes, 1)) {
    this.#offsets = offsets;
  }

  /** Id that the sector's next frame has. */
  get end(): number {
    return this.firstId + this.count;
  }

  get isFull(): boolean {
    return this.count === this.#offsets.length;
  }

  begin(sector: number, serial: number, firstId: number): void {
    this.sector = sector;
    this.serial = serial;
    this.firstId = firstId;
    this.count = 0;
  }

  has(id: number): boolean {
    return this.sector >= 0 && id >= this.firstId && id < this.end;
  }

  /** Offset of a frame that the index has, or 0. */
  at(id: number): number {
    return this.#offsets[id - this.firstId] as number;
  }

  /** The frame `id` stands at `offset`; what is missing before it cannot be read. */
  add(id: number, offset: number): void {
    this.skipTo(id);
    if (!this.isFull) this.#offsets[this.count++] = offset;
  }

  /** Frames from `offset` on are void, and the next one has the id `next`. */
  resume(offset: number, next: number): void {
    while (this.count > 0 && (this.#offsets[this.count - 1] as number) >= offset) this.count--;
    this.skipTo(next);
    if (next >= this.firstId && next < this.end) this.count = next - this.firstId;
  }

  /** Frames up to `id`, not included, are in the sector; what is missing of them cannot be read. */
  skipTo(id: number): void {
    while (this.end < id && !this.isFull) this.#offsets[this.count++] = 0;
  }
}
