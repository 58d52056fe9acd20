import { AGENT, type Play } from "../xs/virtual-board.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const isAway = (uptime: number) =>
  (uptime > 3 * HOUR && uptime < 5 * HOUR) || (uptime > 12 * HOUR && uptime < 12 * HOUR + 20 * MINUTE);

/**
 * The first hours of a day of the whole agent: 4 sensors, a frame a minute, a window of 16 frames, 2 brokers, both away for two hours and,
 * later, for twenty minutes.
 */
export function dayOf(hours: number): Play {
  return {
    config: {
      ...AGENT,
      agent: { ...AGENT.agent, uplink: { ...AGENT.agent.uplink, window: 16 } },
      // A board's journal partition: the outages fit, so that all of it is used.
      flash: { size: 256 * 1024, sectorBytes: 4096, programBytes: 4 },
      sensors: AGENT.sensors.map((sensor) => ({ ...sensor, interval: MINUTE })),
    },
    brokers: {
      opens: (uptime) => !isAway(uptime),
      takes: (uptime) => (isAway(uptime) ? "broke" : "kept"),
    },
    flakySensors: true,
    goesOn: (_, uptime) => uptime < hours * HOUR,
  };
}
