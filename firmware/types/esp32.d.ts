/// <reference path="../../node_modules/@moddable/typings/net.d.ts" />
/// <reference path="../../node_modules/@moddable/typings/time.d.ts" />
/// <reference path="../../node_modules/@moddable/typings/embedded_io/analog.d.ts" />
/// <reference path="../../node_modules/@moddable/typings/embedded_io/digital.d.ts" />
/// <reference path="../../node_modules/@moddable/typings/embedded_io/i2c.d.ts" />
/// <reference path="../../node_modules/@moddable/typings/embedded_io/pulsecount.d.ts" />
/// <reference path="../../node_modules/@moddable/typings/embedded_io/smbus.d.ts" />
/// <reference path="../../node_modules/@moddable/typings/embedded_io/socket/udp.d.ts" />

/**
 * What firmware/esp32 and firmware/drivers use of SDK modules that @moddable/typings 5.6.0 lacks, or has otherwise than release
 * 8.2.3. Each is a part of what the SDK's own declarations say, where it has any.
 */
declare module "embedded:storage/key-value" {
  export class Storage {
    read(key: string): ArrayBuffer | string | number | bigint;
    write(key: string, value: Uint8Array): void;
    delete(key: string): void;
  }
  const KeyValueStorage: { open(options: { path: string; format: "buffer" }): Storage };
  export default KeyValueStorage;
}

declare module "embedded:storage/flash" {
  export class Flash {
    eraseBlock(start: number, end?: number): void;
    read(buffer: Uint8Array, byteOffset: number): number;
    write(buffer: Uint8Array, byteOffset: number): void;
    status(): { size: number; blockLength: number };
  }
  const FlashStorage: { open(options: { path: string; mode?: "r" | "r+" }): Flash };
  export default FlashStorage;
}

declare module "embedded:network/interface/wifi" {
  export interface Found {
    readonly SSID: string;
    readonly RSSI: number;
  }
  class WiFi {
    constructor(options: { onChanged?: (property: "connection" | "address") => void });
    connect(options: { SSID: string; password?: string }): void;
    disconnect(): void;
    /** Throws while another scan is under way, and where the radio cannot: while it tries to join. */
    scan(options: { onFound: (found: Found) => void; onComplete: () => void }): void;
    readonly connection: number;
  }
  export default WiFi;
}
