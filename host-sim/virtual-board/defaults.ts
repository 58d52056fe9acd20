/** What is compiled into a simulated board, as a manifest's `config` has it. */
export const DEFAULTS = {
  board: "sim",
  network: "demo",
  brokers: [{ host: "127.0.0.1" }],
  dns: [],
  wifi: { ssid: "" },
  sntp: "pool.ntp.org",
  readings: 4,
  age: 10_000,
  copies: 1,
  window: 16,
  order: "oldest",
  absent: 10_000,
  timeout: 4000,
  backoff: { min: 500, max: 60_000 },
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
