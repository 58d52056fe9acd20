import { SHIPPED } from "../engines/shipped.js";

/** What is compiled into a simulated board, as a manifest's `config` has it. */
export const DEFAULTS = {
  ...SHIPPED,
  board: "sim",
  network: "demo",
  brokers: [{ host: "127.0.0.1" }],
  dns: [],
  wifi: { ssid: "" },
  sntp: "pool.ntp.org",
  age: 10_000, // as often as it samples
  copies: 1, // the one broker above
  sensors: [
    {
      kind: "simulated",
      interval: 10_000,
      channels: [
        { property: "thermometer.temperature", name: "temperature", unit: "Cel", digits: 2 },
        { property: "hygrometer.humidity", name: "humidity", unit: "/", digits: 3 },
        { property: "barometer.pressure", name: "pressure", unit: "Pa", digits: 0 },
      ],
    },
  ],
} as const;
