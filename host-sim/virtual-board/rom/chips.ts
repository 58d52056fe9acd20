import { CHIPS, type Chip, type ChipName } from "../../../provision/flash/chips.js";

/** What of a chip shows in its ROM loader. Addresses are those that the chip's technical reference manual gives. */
export interface ChipModel extends Chip {
  /** Whether the ROM knows GET_SECURITY_INFO, whose answer has the id; otherwise tools read the magic number. */
  readonly hasSecurityInfo: boolean;
  /** At 0x40001000. */
  readonly magic: number;
  /** Address of the eFuse word with the low 4 bytes of the MAC address; the high 2 bytes are in the next. */
  readonly macAddress: number;
  /** SPI controller of the flash: base, and offsets of its registers. */
  readonly spi: { readonly base: number; readonly usr2: number; readonly w0: number };
  /** What the ROM says at a reset, before what kind of boot it is. */
  readonly greeting: string;
  readonly boot: { readonly flash: string; readonly download: string };
  /** Registers that hold something all the same. */
  readonly registers: ReadonlyMap<number, number>;
}

const UART_CLKDIV = 0x3ff40014;
/** Divider of the 115,200 baud that the ROM speaks, from a crystal of 40 MHz. */
const CLKDIV_40_MHZ = Math.round(40_000_000 / 115_200);

export const CHIP_MODELS: Readonly<Record<ChipName, ChipModel>> = {
  esp32: {
    ...CHIPS.esp32,
    hasSecurityInfo: false,
    magic: 0x00f01d83,
    macAddress: 0x3ff5a004,
    spi: { base: 0x3ff42000, usr2: 0x24, w0: 0x80 },
    greeting: "ets Jul 29 2019 12:21:46\r\n\r\n",
    boot: {
      flash: "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n",
      download: "rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\n",
    },
    registers: new Map([[UART_CLKDIV, CLKDIV_40_MHZ]]),
  },
  esp32c3: {
    ...CHIPS.esp32c3,
    hasSecurityInfo: true,
    magic: 0x1b31506f,
    macAddress: 0x60008844,
    spi: { base: 0x60002000, usr2: 0x20, w0: 0x58 },
    greeting: "ESP-ROM:esp32c3-api1-20210207\r\nBuild:Feb  7 2021\r\n",
    boot: {
      flash: "rst:0x1 (POWERON),boot:0xd (SPI_FAST_FLASH_BOOT)\r\n",
      download: "rst:0x1 (POWERON),boot:0x5 (DOWNLOAD(USB/UART0/1))\r\n",
    },
    registers: new Map(),
  },
  esp32s3: {
    ...CHIPS.esp32s3,
    hasSecurityInfo: true,
    magic: 0x09,
    macAddress: 0x60007044,
    spi: { base: 0x60002000, usr2: 0x20, w0: 0x58 },
    greeting: "ESP-ROM:esp32s3-20210327\r\nBuild:Mar 27 2021\r\n",
    boot: {
      flash: "rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n",
      download: "rst:0x1 (POWERON),boot:0x0 (DOWNLOAD(USB/UART0))\r\n",
    },
    registers: new Map(),
  },
};
