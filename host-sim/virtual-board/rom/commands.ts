/** Commands of the ROM loader, and of the flasher stub that tools load into RAM (Espressif, "Serial Protocol"). */
export const FLASH_BEGIN = 0x02;
export const FLASH_DATA = 0x03;
export const FLASH_END = 0x04;
export const MEM_BEGIN = 0x05;
export const MEM_END = 0x06;
export const MEM_DATA = 0x07;
export const SYNC = 0x08;
export const WRITE_REG = 0x09;
export const READ_REG = 0x0a;
export const SPI_SET_PARAMS = 0x0b;
export const SPI_ATTACH = 0x0d;
export const CHANGE_BAUDRATE = 0x0f;
export const FLASH_DEFL_BEGIN = 0x10;
export const FLASH_DEFL_DATA = 0x11;
export const FLASH_DEFL_END = 0x12;
export const SPI_FLASH_MD5 = 0x13;
export const GET_SECURITY_INFO = 0x14;
// The stub's alone.
export const ERASE_FLASH = 0xd0;
export const ERASE_REGION = 0xd1;
export const READ_FLASH = 0xd2;
export const RUN_USER_CODE = 0xd3;

/** Why a command failed, as the ROM says it. */
export const ROM_ERRORS = {
  invalid: 0x05,
  failed: 0x06,
  checksum: 0x07,
  flash: 0x08,
  inflate: 0x0b,
  "too-much": 0x06,
  "too-little": 0x06,
} as const;

/** And the stub. */
export const STUB_ERRORS = {
  invalid: 0xc0,
  failed: 0xc6,
  checksum: 0xc1,
  flash: 0xc4,
  inflate: 0xc7,
  "too-much": 0xc9,
  "too-little": 0xc8,
} as const;

export type LoaderError = keyof typeof ROM_ERRORS;

/** A request: 0, command, length of the data (2 bytes), checksum (4), data; all little-endian. */
export interface Request {
  readonly command: number;
  readonly checksum: number;
  readonly data: DataView;
}

const HEAD = 8;

/** Undefined for what is no request. */
export function readRequest(packet: Uint8Array): Request | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  if (packet.length < HEAD || packet[0] !== 0 || view.getUint16(2, true) !== packet.length - HEAD)
    return undefined;
  const data = new DataView(packet.buffer, packet.byteOffset + HEAD, packet.length - HEAD);
  return { command: packet[1] as number, checksum: view.getUint32(4, true), data };
}

/** An answer: 1, command, length (2 bytes), value (4), data, and two bytes of status, after which a ROM adds two more. */
export function answer(
  command: number,
  value: number,
  data: Uint8Array,
  error: number,
  statusBytes: number,
): Uint8Array {
  const packet = new Uint8Array(HEAD + data.length + statusBytes);
  const view = new DataView(packet.buffer);
  packet[0] = 1;
  packet[1] = command;
  view.setUint16(2, data.length + statusBytes, true);
  view.setUint32(4, value >>> 0, true);
  packet.set(data, HEAD);
  if (error !== 0) packet.set([1, error], HEAD + data.length);
  return packet;
}

/** All bytes of a block, xored with 0xef. */
export function blockChecksum(block: Uint8Array): number {
  return block.reduce((sum, byte) => sum ^ byte, 0xef);
}
