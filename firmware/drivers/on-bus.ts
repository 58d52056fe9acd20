/** A bus, or a device on it, by ECMA-419 (§10). */
export interface Bus {
  close(): void;
}
export type BusClass = new (options: never) => Bus;

/**
 * Makes a driver that opens its bus by `new io(…)`, and closes the bus where that throws. Several of the SDK's leave it open, and an address
 * can be opened only once: a sensor that did not answer the first time could never be tried again.
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
