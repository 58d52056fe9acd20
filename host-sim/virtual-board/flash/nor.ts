import { checkGeometry, type FlashGeometry } from "../../../node/ports/flash.js";
import { PowerCut } from "../../engines/power-cut.js";
import { NorFlash } from "./nor-flash.js";
import { below, createRandom32, type Random32 } from "./random.js";
import { tear } from "./tear.js";
import { UnsettledBits } from "./unsettled.js";
import { anyWear, stick, type Wear, weaken } from "./wear.js";

export { NorFlash } from "./nor-flash.js";

export interface NorOptions extends FlashGeometry {
  /** Decides all that is left to chance. Left out: a generator of a fixed seed. */
  readonly random?: Random32;
  /** A piece may be programmed again between two erasures, where that sets no bit. */
  readonly overwrite?: boolean;
  /** Reads of a sector since it was erased after which, each time, a bit among those read may fall to 0. Left out: never. */
  readonly disturb?: number;
  /** Erases after which a sector is worn. Left out: without end. */
  readonly endurance?: number;
  /** A torn erase may also leave zeros where ones were: many chips program a sector to zeros before they erase it. */
  readonly preprogram?: boolean;
}

/** Where an operation is cut: before its first bit changes, inside, or after its last and before it returns. */
export type CutPlace = "before" | "inside" | "after";

/** Calls and bytes so far; what was refused is not counted, what was cut inside or after is. */
export interface NorCounts {
  programs: number;
  erases: number;
  bytesProgrammed: number;
  reads: number;
  bytesRead: number;
  /** Of the programs and erases, those that were cut inside. */
  tornPrograms: number;
  tornErases: number;
}

// Globals are slow where tests run, in a context of node:vm.
const { ceil, floor, min } = Math;
const { isSafeInteger } = Number;
const NEVER = Number.POSITIVE_INFINITY;

const PAGE_BYTES = 256; // SPI NOR programs by pages, one after the other
const ERASED = 0xff;
const SECTOR_BYTES = 4096;
const PROGRAM_BYTES = 4;

/**
 * A NOR flash chip, which outlives the power of the boards that it is soldered to: what `powerOn` gives is such a board's
 * view. It refuses what its kind of chip cannot do or must not be asked to, with an Error that starts with "nor:", cuts the power
 * where it was told to, and fails as such chips do. Same options, same seed, same calls: same bytes.
 */
export class NorChip {
  readonly size: number;
  readonly sectorBytes: number;
  readonly programBytes: number;
  readonly counts: NorCounts = {
    programs: 0,
    erases: 0,
    bytesProgrammed: 0,
    reads: 0,
    bytesRead: 0,
    tornPrograms: 0,
    tornErases: 0,
  };
  /** Erases of each sector. */
  readonly erasesOf: Uint32Array;
  /** Power cuts so far. */
  cuts = 0;
  readonly #random: Random32;
  readonly #overwrite: boolean;
  readonly #disturb: number;
  readonly #endurance: number;
  readonly #preprogram: boolean;
  readonly #cells: Uint8Array;
  /** Whether a piece was programmed, or begun to be, since its sector was erased. */
  readonly #programmed: Uint8Array;
  readonly #unsettled: UnsettledBits;
  readonly #worn = new Map<number, Wear>();
  /** Reads of each sector since it was erased. */
  readonly #readsOf: Uint32Array;
  #operationsToCut = -1;
  #cutPlace: CutPlace = "before";

  constructor(options: NorOptions) {
    checkGeometry(options);
    const { size, sectorBytes = SECTOR_BYTES, programBytes = PROGRAM_BYTES } = options;
    this.size = size;
    this.sectorBytes = sectorBytes;
    this.programBytes = programBytes;
    this.#random = options.random ?? createRandom32(0);
    this.#overwrite = options.overwrite ?? false;
    this.#disturb = options.disturb ?? NEVER;
    this.#endurance = options.endurance ?? NEVER;
    this.#preprogram = options.preprogram ?? false;
    this.#cells = new Uint8Array(size).fill(ERASED);
    this.#programmed = new Uint8Array(size / programBytes);
    this.#unsettled = new UnsettledBits(this.#cells, sectorBytes, this.#random);
    this.erasesOf = new Uint32Array(size / sectorBytes);
    this.#readsOf = new Uint32Array(size / sectorBytes);
  }

  /** A chip that holds `image`, all settled. Pieces that are not erased in it count as programmed. */
  static from(image: Uint8Array, options: Omit<NorOptions, "size"> = {}): NorChip {
    const chip = new NorChip({ ...options, size: image.length });
    chip.#cells.set(image);
    for (let at = 0; at < image.length; at++)
      if (image[at] !== ERASED) chip.#programmed[floor(at / chip.programBytes)] = 1;
    return chip;
  }

  /** A copy of what it holds; bits that are between 0 and 1 as they tend now. */
  image(): Uint8Array {
    return this.#cells.slice();
  }

  /** Bits that torn operations left between 0 and 1. */
  get unsettledBits(): number {
    return this.#unsettled.count;
  }

  /** The view of the board that has power next. */
  powerOn(): NorFlash {
    return new NorFlash(this);
  }

  /** Between two operations: boards that had power have none now, and a planned cut is forgotten. */
  powerOff(): void {
    this.cuts++;
    this.#operationsToCut = -1;
  }

  /** Plans one cut at a program or an erase: 0 is the next of them. It replaces the one that was planned. */
  cutAt(operation: number, place: CutPlace): void {
    this.#operationsToCut = operation;
    this.#cutPlace = place;
  }

  /** From now on the sector fails; without `wear`, as chance has it. */
  wearOut(sector: number, wear = anyWear(this.#random)): void {
    this.#worn.set(sector, wear);
  }

  /** For NorFlash. */
  read(address: number, into: Uint8Array): void {
    this.check(address, into.length);
    this.counts.reads++;
    this.counts.bytesRead += into.length;
    if (this.#disturb !== NEVER) this.disturb(address, into.length);
    into.set(this.#cells.subarray(address, address + into.length));
    this.#unsettled.read(address, into);
  }

  /** For NorFlash. */
  program(address: number, data: Uint8Array): void {
    this.check(address, data.length);
    const piece = this.programBytes;
    if (address % piece !== 0 || data.length % piece !== 0)
      throw new RangeError(
        `address: ${data.length} bytes from ${address} are no whole pieces of ${piece} bytes`,
      );
    if (data.length === 0) return;
    this.refuse(address, data);
    const place = this.cutsHere();
    if (place === "before") this.cut();
    this.counts.programs++;
    this.counts.bytesProgrammed += data.length;
    const tornAt = place === "inside" ? address + below(this.#random, data.length) : NEVER;
    for (let at = address; at < address + data.length; ) {
      const end = min(this.pageEnd(at), address + data.length);
      this.programPage(at, data.subarray(at - address, end - address), tornAt < end);
      if (tornAt < end) this.cut();
      at = end;
    }
    if (place === "after") this.cut();
  }

  /** For NorFlash. */
  erase(address: number): void {
    const { sectorBytes } = this;
    this.check(address, sectorBytes);
    if (address % sectorBytes !== 0)
      throw new RangeError(`address: ${address} is not the start of a sector of ${sectorBytes} bytes`);
    const sector = address / sectorBytes;
    const place = this.cutsHere();
    if (place === "before") this.cut();
    this.counts.erases++;
    this.erasesOf[sector] = (this.erasesOf[sector] as number) + 1;
    const cells = this.#cells.subarray(address, address + sectorBytes);
    if (place === "inside") {
      this.counts.tornErases++;
      this.tearErase(address, cells);
      this.cut();
    }
    if ((this.erasesOf[sector] as number) > this.#endurance && !this.#worn.has(sector)) this.wearOut(sector);
    const wear = this.#worn.get(sector);
    if (wear === "refuses") throw new Error(`nor: sector ${sector} is worn, it is not erased`);
    cells.fill(ERASED);
    if (wear === "stuck") stick(this.#random, cells);
    this.#unsettled.erase(sector);
    this.#readsOf[sector] = 0;
    this.#programmed.fill(0, address / this.programBytes, (address + sectorBytes) / this.programBytes);
    if (place === "after") this.cut();
  }

  private check(address: number, bytes: number): void {
    if (!isSafeInteger(address) || address < 0 || address + bytes > this.size)
      throw new RangeError(`address: ${bytes} bytes from ${address} are not inside 0 to ${this.size}`);
  }

  private refuse(address: number, data: Uint8Array): void {
    const { programBytes } = this;
    const first = address / programBytes;
    for (let piece = 0; piece < data.length / programBytes; piece++) {
      if (this.#programmed[first + piece] === 0) continue;
      const at = address + piece * programBytes;
      if (!this.#overwrite) throw new Error(`nor: byte ${at} is programmed twice without an erasure between`);
      for (let i = 0; i < programBytes; i++) {
        const stays = (this.#cells[at + i] as number) | this.#unsettled.mask(at + i);
        if (((data[at + i - address] as number) & ~stays) !== 0)
          throw new Error(`nor: programming cannot set bits of byte ${at + i}`);
      }
    }
  }

  private programPage(address: number, data: Uint8Array, torn: boolean): void {
    const sector = floor(address / this.sectorBytes);
    const wear = this.#worn.get(sector);
    if (wear === "refuses" && !torn) throw new Error(`nor: sector ${sector} is worn, it is not programmed`);
    const targets = data.map((byte) => ~byte);
    if (wear === "weak") weaken(this.#random, targets);
    const cells = this.#cells.subarray(address, address + data.length);
    if (!torn) {
      this.#unsettled.firm(address, targets);
      clear(cells, targets);
      this.mark(address, data.length);
      return;
    }
    this.counts.tornPrograms++;
    // Bits that were 0 for certain before are not touched: only the others can be left between.
    const unsettled = this.#unsettled;
    const open = targets.map((bits, i) => bits & ((cells[i] as number) | unsettled.mask(address + i)));
    const result = tear(this.#random, open);
    unsettled.firm(address, result.done);
    clear(cells, result.done);
    if (result.unsettled !== undefined) unsettled.add(address, result.unsettled);
    for (let i = 0; i < data.length; i++)
      if (result.done[i] !== 0 || (result.unsettled?.mask[i] ?? 0) !== 0) this.mark(address + i, 1);
  }

  private mark(address: number, bytes: number): void {
    const { programBytes } = this;
    this.#programmed.fill(1, floor(address / programBytes), ceil((address + bytes) / programBytes));
  }

  private tearErase(address: number, cells: Uint8Array): void {
    if (this.#preprogram && below(this.#random, 2) === 0) {
      const zeros = tear(this.#random, cells.slice());
      clear(cells, zeros.done);
    }
    const result = tear(
      this.#random,
      cells.map((byte) => ~byte),
    );
    for (let i = 0; i < cells.length; i++) cells[i] = (cells[i] as number) | (result.done[i] as number);
    if (result.unsettled !== undefined) this.#unsettled.add(address, result.unsettled);
  }

  private disturb(address: number, bytes: number): void {
    if (bytes === 0) return;
    const sector = floor(address / this.sectorBytes);
    const reads = (this.#readsOf[sector] as number) + 1;
    this.#readsOf[sector] = reads;
    if (reads % this.#disturb !== 0) return;
    const at = address + below(this.#random, bytes);
    this.#cells[at] = (this.#cells[at] as number) & ~(1 << below(this.#random, 8));
  }

  private pageEnd(address: number): number {
    const sectorEnd = address - (address % this.sectorBytes) + this.sectorBytes;
    return min(address - (address % PAGE_BYTES) + PAGE_BYTES, sectorEnd);
  }

  private cutsHere(): CutPlace | undefined {
    if (this.#operationsToCut < 0) return undefined;
    return this.#operationsToCut-- === 0 ? this.#cutPlace : undefined;
  }

  private cut(): never {
    this.cuts++;
    throw new PowerCut();
  }
}

function clear(cells: Uint8Array, bits: Uint8Array): void {
  for (let i = 0; i < bits.length; i++) cells[i] = (cells[i] as number) & ~(bits[i] as number);
}
