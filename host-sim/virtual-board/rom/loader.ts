import { md5 } from "@noble/hashes/legacy.js";
import { hex } from "../../../agent/cose/kid.js";
import type { ChipModel } from "./chips.js";
import * as op from "./commands.js";
import type { FlashChip } from "./flash-chip.js";
import { FlashWrite, type WriteFailure } from "./flash-write.js";
import { Registers } from "./registers.js";
import { SlipReader, slipPacket } from "./slip.js";

/** A block of flash data is 16 KiB, and there is its head. */
const LONGEST_PACKET = 0x4000 + 64;
/** The head of a block: its length, its number, and two words of nothing. */
const BLOCK_HEAD = 16;
const ROM_BAUD = 115_200;
/** How often a ROM answers to SYNC, and to a command that it does not know. */
const REPEATED = 8;
/** What a ROM says with SYNC's answer; tools tell it from the stub, which says 0. */
const ROM_SYNC_VALUE = 0x20120707;
const NOTHING = new Uint8Array(0);
const OHAI = Uint8Array.of(0x4f, 0x48, 0x41, 0x49);

/** The bytes of a flash that READ_FLASH sends, a packet at a time, while fewer than `window` bytes are not acknowledged. */
interface Reading {
  readonly start: number;
  readonly length: number;
  readonly packet: number;
  readonly window: number;
  sent: number;
}

/**
 * The loader in a chip's ROM that waits for a program over the serial port; and, after the host has loaded and started any
 * program in RAM, Espressif's flasher stub. The program itself is not run: what matters is what it answers.
 *
 * Times are not simulated: every command is done at once. Neither is secure download, nor encryption of the flash.
 */
export class RomLoader {
  /** Gets the bytes that go to the host; they are the receiver's to keep. */
  send: (data: Uint8Array) => void = () => {};
  /** The host asked to leave the loader and to start what is in flash. */
  onRun: () => void = () => {};
  /** The chip's end of the wire goes on at this rate; 0 as long as it is the ROM's. Called after the answer was sent. */
  onBaud: (baud: number) => void = () => {};
  readonly #chip: ChipModel;
  readonly #flash: FlashChip;
  readonly #registers: Registers;
  readonly #slip = new SlipReader((packet) => this.#packet(packet), LONGEST_PACKET);
  #isStub = false;
  #write: FlashWrite | undefined;
  #reading: Reading | undefined;

  /** `mac`: 6 bytes. */
  constructor(chip: ChipModel, flash: FlashChip, mac: Uint8Array) {
    this.#chip = chip;
    this.#flash = flash;
    this.#registers = new Registers(chip, mac, flash.id);
  }

  /** Whether the stub runs. */
  get isStub(): boolean {
    return this.#isStub;
  }

  received(data: Uint8Array): void {
    this.#slip.received(data);
  }

  #packet(packet: Uint8Array): void {
    if (this.#reading !== undefined && packet.length === 4) {
      this.#acknowledged(packet);
      return;
    }
    const request = op.readRequest(packet);
    if (request === undefined) return;
    this.#reading = undefined;
    try {
      this.#command(request);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#refuse(request.command, "invalid");
    }
  }

  #command(request: op.Request): void {
    const { command, data } = request;
    const word = (index: number) => {
      if (4 * index + 4 > data.byteLength) throw new RangeError("shorter than what it should hold");
      return data.getUint32(4 * index, true);
    };
    switch (command) {
      case op.SYNC:
        for (let i = this.#isStub ? 1 : REPEATED; i > 0; i--)
          this.#done(command, this.#isStub ? 0 : ROM_SYNC_VALUE);
        return;
      case op.READ_REG:
        this.#done(command, this.#registers.read(word(0)));
        return;
      case op.WRITE_REG:
        this.#registers.write(word(0), word(1), word(2));
        this.#done(command);
        return;
      case op.GET_SECURITY_INFO:
        if (!this.#chip.hasSecurityInfo) break;
        this.#done(command, 0, this.#securityInfo());
        return;
      case op.SPI_ATTACH:
      case op.SPI_SET_PARAMS:
      case op.MEM_BEGIN:
        this.#done(command);
        return;
      case op.MEM_DATA:
        this.#end(command, this.#checked(request) === undefined ? "checksum" : undefined);
        return;
      case op.MEM_END:
        this.#startStub(word(1));
        return;
      case op.CHANGE_BAUDRATE:
        this.#done(command);
        this.onBaud(word(0));
        return;
      case op.FLASH_BEGIN:
      case op.FLASH_DEFL_BEGIN:
        this.#begin(command, word(0), word(3));
        return;
      case op.FLASH_DATA:
      case op.FLASH_DEFL_DATA:
        this.#block(request);
        return;
      case op.FLASH_END:
      case op.FLASH_DEFL_END:
        this.#finish(command, word(0) === 0);
        return;
      case op.SPI_FLASH_MD5:
        this.#md5(word(0), word(1));
        return;
    }
    if (this.#isStub) this.#stubCommand(command, word);
    else this.#unknown();
  }

  #stubCommand(command: number, word: (index: number) => number): void {
    switch (command) {
      case op.ERASE_FLASH:
        this.#flash.erase(0, this.#flash.size);
        this.#done(command);
        return;
      case op.ERASE_REGION:
        if (!this.#flash.holds(word(0), word(1)) || word(0) % 0x1000 !== 0 || word(1) % 0x1000 !== 0)
          throw new RangeError("not whole sectors of this flash");
        this.#flash.erase(word(0), word(1));
        this.#done(command);
        return;
      case op.READ_FLASH:
        if (!this.#flash.holds(word(0), word(1)) || word(2) === 0) throw new RangeError("not in this flash");
        this.#done(command);
        this.#reading = { start: word(0), length: word(1), packet: word(2), window: word(3), sent: 0 };
        this.#read(0);
        return;
      case op.RUN_USER_CODE:
        this.onRun();
        return;
    }
    this.#refuse(command, "invalid");
  }

  #securityInfo(): Uint8Array {
    const info = new Uint8Array(20);
    new DataView(info.buffer).setUint32(12, this.#chip.id, true);
    return info;
  }

  #startStub(entry: number): void {
    this.#done(op.MEM_END);
    if (entry === 0) return;
    this.#isStub = true;
    this.send(slipPacket(OHAI));
  }

  #begin(command: number, length: number, at: number): void {
    if (!this.#flash.holds(at, this.#isStub ? length : 0)) {
      this.#refuse(command, "flash");
      return;
    }
    const fits = Math.min(length, this.#flash.size - at);
    const deflated = command === op.FLASH_DEFL_BEGIN;
    this.#write = new FlashWrite(this.#flash, at, fits, { deflated, erase: !this.#isStub });
    this.#done(command);
  }

  #block(request: op.Request): void {
    const block = this.#checked(request);
    if (block === undefined) {
      this.#end(request.command, "checksum");
      return;
    }
    if (this.#write === undefined) {
      this.#end(request.command, "failed");
      return;
    }
    this.#end(request.command, this.#write.block(block, request.command === op.FLASH_DATA));
  }

  /** The bytes of a block, where its length and checksum are right. */
  #checked({ data, checksum }: op.Request): Uint8Array | undefined {
    if (data.byteLength < BLOCK_HEAD) return undefined;
    const length = data.getUint32(0, true);
    const block = new Uint8Array(data.buffer, data.byteOffset + BLOCK_HEAD, data.byteLength - BLOCK_HEAD);
    return block.length === length && op.blockChecksum(block) === checksum ? block : undefined;
  }

  #finish(command: number, reboot: boolean): void {
    // The ROM erases whole blocks of 16 KiB, so that the last is seldom full.
    const failure = this.#isStub ? this.#write?.finish() : undefined;
    this.#write = undefined;
    this.#end(command, failure);
    if (failure === undefined && reboot) this.onRun();
  }

  #md5(at: number, length: number): void {
    if (!this.#flash.holds(at, length)) {
      this.#refuse(op.SPI_FLASH_MD5, "flash");
      return;
    }
    const digest = md5(this.#flash.bytes.subarray(at, at + length));
    const text = Uint8Array.from(hex(digest), (digit) => digit.charCodeAt(0));
    this.#done(op.SPI_FLASH_MD5, 0, this.#isStub ? digest : text);
  }

  #acknowledged(packet: Uint8Array): void {
    this.#read(new DataView(packet.buffer, packet.byteOffset, 4).getUint32(0, true));
  }

  /** Sends what the window lets through, and at the end the digest of all. */
  #read(acknowledged: number): void {
    const reading = this.#reading as Reading;
    const { start, length, packet, window } = reading;
    const bytes = this.#flash.bytes.subarray(start, start + length);
    while (reading.sent < length && reading.sent - acknowledged < window) {
      const next = bytes.subarray(reading.sent, Math.min(length, reading.sent + packet));
      reading.sent += next.length;
      this.send(slipPacket(next));
    }
    if (acknowledged < length) return;
    this.#reading = undefined;
    this.send(slipPacket(md5(bytes)));
  }

  #end(command: number, failure: op.LoaderError | WriteFailure | undefined): void {
    if (failure === undefined) this.#done(command);
    else this.#refuse(command, failure);
  }

  #done(command: number, value = 0, data: Uint8Array = NOTHING): void {
    this.send(slipPacket(op.answer(command, value, data, 0, this.#isStub ? 2 : 4)));
  }

  #refuse(command: number, error: op.LoaderError): void {
    const code = (this.#isStub ? op.STUB_ERRORS : op.ROM_ERRORS)[error];
    this.send(slipPacket(op.answer(command, 0, NOTHING, code, this.#isStub ? 2 : 4)));
  }

  /** Answered for no command in particular, and more than once. */
  #unknown(): void {
    for (let i = REPEATED; i > 0; i--) this.#refuse(0, "invalid");
  }

  /** After a reset. */
  reset(): void {
    this.#isStub = false;
    this.#write = undefined;
    this.#reading = undefined;
    this.onBaud(ROM_BAUD);
  }
}
