import type { Flash } from "../../../../agent/ports/flash.js";
import { BoardCall } from "../messages.js";
import { host } from "./host.js";

/** How a board's flash is cut into sectors and pieces. */
export interface FlashConfig {
  readonly size: number;
  readonly sectorBytes: number;
  readonly programBytes: number;
}

/** The flash that xs-host keeps for the board. */
export class HostFlash implements Flash {
  readonly size: number;
  readonly sectorBytes: number;
  readonly programBytes: number;

  constructor({ size, sectorBytes, programBytes }: FlashConfig) {
    this.size = size;
    this.sectorBytes = sectorBytes;
    this.programBytes = programBytes;
  }

  read(address: number, into: Uint8Array): void {
    host.flashRead(address, into);
  }

  program(address: number, data: Uint8Array): void {
    host.flashProgram(address, data);
  }

  erase(address: number): void {
    host.flashErase(address);
  }
}

/** A flash in Node, which may fail, and may cut the board's power inside any operation. */
export class RemoteFlash implements Flash {
  readonly size: number;
  readonly sectorBytes: number;
  readonly programBytes: number;

  constructor({ size, sectorBytes, programBytes }: FlashConfig) {
    this.size = size;
    this.sectorBytes = sectorBytes;
    this.programBytes = programBytes;
  }

  read(address: number, into: Uint8Array): void {
    host.call(BoardCall.flashRead, address, into, into.length);
  }

  program(address: number, data: Uint8Array): void {
    host.call(BoardCall.flashProgram, address, undefined, data);
  }

  erase(address: number): void {
    host.call(BoardCall.flashErase, address, undefined);
  }
}
