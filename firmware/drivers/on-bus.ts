/** A bus, or a device on it, by ECMA-419 (§10). */
export interface Bus {
  close(): void;
}
export type BusClass = new (options: never) => Bus;

/** ECMA-419's I2C (§10.3), as far as drivers here need it. */
export interface I2cBus extends Bus {
  write(bytes: Uint8Array): void;
  read(into: Uint8Array): unknown;
}

/** ECMA-419's SMBus (§10.4), likewise. `isBigEndian`: the high byte first. */
export interface SmbusBus extends Bus {
  readUint16(register: number, isBigEndian: boolean): number;
  writeUint16(register: number, value: number, isBigEndian: boolean): void;
}

/** The class of a bus, and its own options: pins, speed, address. */
export interface OnBus<Io extends Bus> {
  readonly sensor: { readonly io: new (options: never) => Io } & object;
}

/**
 * Makes a driver that opens its bus by `new io(…)`, and closes the bus where that throws: an address can be opened only once, so a sensor that
 * did not answer the first time could never be tried again.
 */
export function onBus<Driver>(Io: BusClass, make: (io: BusClass) => Driver): Driver {
  let bus: Bus | undefined;
  function Held(options: never): Bus {
    bus = new Io(options);
    return bus;
  }
  try {
    return make(Held as unknown as BusClass);
  } catch (error) {
    bus?.close();
    throw error;
  }
}
