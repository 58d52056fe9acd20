/**
 * Modules of SDK 8.2.3 that neither @moddable/typings nor the SDK itself declares. Who imports one refers to this file, so that
 * mcconfig's compiler finds it too.
 */
declare module "resetReason" {
  /** `reason`: esp_reset_reason_t. */
  export default function getResetReason(): { reason: number; string: string };
}

/** modules/drivers/sensors */
declare module "embedded:sensor/Barometer-Temperature/BMP280" {
  class BMP280 {
    constructor(options: { sensor: { io: unknown } });
    configure(options: object): void;
    sample(): { barometer: { pressure: number }; thermometer: { temperature: number } };
    close(): void;
  }
  export default BMP280;
}

declare module "embedded:sensor/Humidity-Temperature/SHT3x" {
  class SHT3x {
    constructor(options: { sensor: { io: unknown }; onError?: (reason: string) => void });
    configure(options: object): void;
    /** Humidity in percent here, not from 0 to 1. */
    sample(): { hygrometer: { humidity?: number }; thermometer: { temperature?: number } };
    close(): void;
  }
  export default SHT3x;
}

declare module "embedded:sensor/Humidity-Temperature/SHTC3" {
  class SHTC3 {
    constructor(options: { sensor: { io: unknown }; onError?: (reason: string) => void });
    configure(options: object): void;
    /** Humidity in percent here, not from 0 to 1. */
    sample(): { hygrometer: { humidity?: number }; thermometer: { temperature?: number } };
    close(): void;
  }
  export default SHTC3;
}

declare module "embedded:sensor/Temperature/TMP102" {
  class TMP102 {
    constructor(options: { sensor: { io: unknown } });
    configure(options: object): void;
    sample(): { temperature: number };
    close(): void;
  }
  export default TMP102;
}

declare module "embedded:sensor/Temperature/TMP117" {
  class TMP117 {
    constructor(options: { sensor: { io: unknown }; onError?: (reason: string) => void });
    configure(options: object): void;
    sample(): { temperature: number };
    close(): void;
  }
  export default TMP117;
}
