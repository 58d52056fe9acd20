import { md5 } from "@noble/hashes/legacy.js";
import { hex } from "../../agent/cose/kid.js";
import type { Bundle, FlashPart } from "../bundle/bundle.js";
import { type Operation, OperationError, type OperationEvent } from "../events.js";
import { type AppDescription, DESCRIBED, readAppDescription, readAppImage } from "../flash/app-image.js";
import { flashNeed } from "../flash/flash-need.js";
import { Loader, type LoaderInfo, ROM_BAUD } from "../flash/loader.js";
import {
  type Partition,
  readPartitionTable,
  TABLE_AT,
  TABLE_BYTES,
  TYPE_APP,
} from "../flash/partition-table.js";
import { eraseWords, type FlashRange, identityRanges, protectIdentity } from "../flash/protect.js";
import { refuseOlder } from "../flash/release.js";
import type { Wire } from "../wire.js";
import { emitting } from "./emitting.js";

/** A rate that USB bridges, Espressif's own USB and RFC 2217 servers all do. */
export const DEFAULT_BAUD = 460_800;

export interface FlashOptions {
  /** The rate to begin with; slower ones are tried where it does not go well. */
  readonly baud?: number;
  /** The chip that it must be, as `esp32c3`. */
  readonly chip?: string;
  /** Looks at the board before anything is written; refuses it by throwing OperationError. */
  readonly accept?: (board: LoaderInfo) => void;
  /** The words of `eraseWords`: erases the identity, too. */
  readonly eraseIdentity?: string;
  /** Writes an older release than the board has, too. */
  readonly downgrade?: boolean;
}

export interface Flashed extends LoaderInfo {
  /** Bits a second at which it went well. */
  readonly baud: number;
  readonly bytes: number;
}

type Emit = (event: OperationEvent) => void;

/** Asks the chip what it is. It stays in its loader's hands until `resetBoard`. */
export function identify(wire: Wire, options: Pick<FlashOptions, "chip"> = {}): Operation<LoaderInfo> {
  return emitting(async (emit) => {
    emit({ type: "step", step: "identify" });
    const loader = await Loader.open(wire, ROM_BAUD, "identify");
    try {
      emit({ type: "identified", ...loader.info });
      checkChip(loader.info, options.chip);
      return loader.info;
    } finally {
      await loader.close();
    }
  });
}

/**
 * Writes a bundle and compares what the chip then holds, by MD5 as the chip computes it; then the board starts it, at 115,200
 * baud, on the same wire. Before anything is written it is made sure that no identity is lost. Throws OperationError.
 */
export function flash(wire: Wire, bundle: Bundle, options: FlashOptions = {}): Operation<Flashed> {
  return emitting(async (emit) => {
    const rates = ratesFrom(options.baud ?? DEFAULT_BAUD);
    for (const [index, baud] of rates.entries()) {
      try {
        return await flashAt(wire, bundle, baud, options, emit);
      } catch (error) {
        const slower = rates[index + 1];
        if (slower === undefined || !isWorthAnother(error)) throw error;
        const { step, message } = error as OperationError;
        emit({ type: "note", step, message: `${message}; once more, at ${slower} baud` });
      }
    }
    throw new RangeError("no rate"); // there is always one
  });
}

const ratesFrom = (baud: number) => [baud, ROM_BAUD].filter((rate, i) => i === 0 || rate < baud);

const isWorthAnother = (error: unknown) =>
  error instanceof OperationError && (error.code === "flash-failed" || error.code === "verify-failed");

async function flashAt(
  wire: Wire,
  bundle: Bundle,
  baud: number,
  options: FlashOptions,
  emit: Emit,
): Promise<Flashed> {
  emit({ type: "step", step: "identify" });
  const loader = await Loader.open(wire, baud, "identify");
  try {
    const { info } = loader;
    emit({ type: "identified", ...info });
    checkChip(info, options.chip);
    options.accept?.(info);
    const parts = partsFor(bundle, info);
    await prepare(loader, parts, options);
    emit({ type: "step", step: "flash" });
    const total = sum(parts);
    let before = 0;
    for (const { offset, data } of parts) {
      await loader.write(offset, data, (written) =>
        emit({ type: "progress", step: "flash", done: before + written, total }),
      );
      before += data.length;
    }
    await verify(loader, parts, emit);
    await loader.leave("verify");
    if (wire.setSignals === undefined)
      emit({
        type: "note",
        step: "verify",
        message: "this port has no reset line: press RESET on the board",
      });
    return { ...info, baud: loader.baud, bytes: total };
  } catch (error) {
    await loader.leave("flash").catch(() => {}); // what was there before, where it is still whole
    throw error;
  }
}

async function prepare(
  loader: Loader,
  parts: readonly FlashPart[],
  { eraseIdentity: words, downgrade = false }: FlashOptions,
): Promise<void> {
  const { mac } = loader.info;
  const onBoard = readPartitionTable(await loader.read(TABLE_AT, TABLE_BYTES, "flash"));
  const table = parts.find(({ offset }) => offset === TABLE_AT);
  const inBundle = table && readPartitionTable(table.data);
  if (!downgrade) await refuseDowngrade(loader, parts, onBoard ?? []);
  if (words === undefined) {
    const writes = parts.map(({ offset, data }) => ({ offset, size: data.length }));
    await protectIdentity(mac, writes, onBoard, inBundle, (range) => isBlank(loader, range));
    return;
  }
  if (words.trim().toLowerCase() !== eraseWords(mac).toLowerCase())
    throw new OperationError(
      "flash",
      "confirmation",
      `"${words}" does not confirm that this board's identity is to be erased`,
      `Nothing was written. For this board the words are: ${eraseWords(mac)}`,
    );
  for (const { offset, size } of identityRanges(onBoard, inBundle)) await loader.erase(offset, size);
}

async function refuseDowngrade(
  loader: Loader,
  parts: readonly FlashPart[],
  onBoard: readonly Partition[],
): Promise<void> {
  const app = parts.map(({ data }) => readAppImage(data)).find((image) => image && image.project !== "");
  const held: AppDescription[] = [];
  for (const { offset } of onBoard.filter(({ type }) => type === TYPE_APP)) {
    const description = readAppDescription(await loader.read(offset, DESCRIBED, "flash"));
    if (description !== undefined) held.push(description);
  }
  refuseOlder(app, held);
}

async function isBlank(loader: Loader, { offset, size }: FlashRange): Promise<boolean> {
  return (await loader.md5(offset, size, "flash")) === hex(md5(new Uint8Array(size).fill(0xff)));
}

async function verify(loader: Loader, parts: readonly FlashPart[], emit: Emit): Promise<void> {
  emit({ type: "step", step: "verify" });
  const total = sum(parts);
  let done = 0;
  for (const { path, offset, data } of parts) {
    const held = await loader.md5(offset, data.length, "verify");
    if (held !== hex(md5(data)))
      throw new OperationError(
        "verify",
        "verify-failed",
        `${path}: the chip holds something else than was written at 0x${offset.toString(16)}`,
        "Try again. If it happens again, the board's flash is worn or damaged: put the board aside.",
      );
    done += data.length;
    emit({ type: "progress", step: "verify", done, total });
  }
}

function partsFor(bundle: Bundle, { chip, flashBytes }: LoaderInfo): readonly FlashPart[] {
  const parts = bundle.partsFor(chip);
  if (parts === undefined)
    throw new OperationError(
      "identify",
      "wrong-chip",
      `this board has an ${chip}, and ${bundle.name} ${bundle.version} is for ${bundle.chips.join(", ")}`,
      "Nothing was written. Take another bundle, or another board.",
    );
  const need = flashNeed(parts);
  if (flashBytes > 0 && need.bytes > flashBytes)
    throw new OperationError(
      "identify",
      "bundle-layout",
      `${bundle.name} ${bundle.version} needs ${size(need.bytes)} of flash (${need.why}), and this chip has ${size(flashBytes)}`,
      "Nothing was written. Take a board with more flash, or firmware that is built for less.",
    );
  return parts;
}

function checkChip({ chip }: LoaderInfo, expected: string | undefined): void {
  if (expected !== undefined && expected !== chip)
    throw new OperationError(
      "identify",
      "wrong-chip",
      `this board has an ${chip}, not an ${expected}`,
      "Nothing was written. Is it the right board, and the right port?",
    );
}

/** `4 MB`, or with the bytes where it is no whole number. */
const size = (bytes: number) => (bytes % MB === 0 ? `${bytes / MB} MB` : `${(bytes / MB).toFixed(2)} MB`);
const MB = 1 << 20;

const sum = (parts: readonly FlashPart[]) => parts.reduce((bytes, { data }) => bytes + data.length, 0);
