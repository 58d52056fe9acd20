import { Batch } from "../../../agent/batch.js";
import { CLOCK_SET, CLOCK_UNSET } from "../../../agent/frame/chain.js";
import type { WallTime } from "../../../agent/ports/clock.js";
import type { SensorSample } from "../../../agent/ports/sensor.js";
import type { VirtualBoardPorts } from "../agent-under-test.js";
import { MeddlingClock } from "./meddling-clock.js";
import { replaceMethod, type Sabotage } from "./sabotage.js";

/** A clock that was kept over a reset counts as one that was set in this boot. */
class ProudClock extends MeddlingClock {
  override wall(): WallTime {
    const { state, unix } = super.wall();
    return { state: state === CLOCK_UNSET ? state : CLOCK_SET, unix };
  }
}

/** Sensors that say what they said last where they have nothing to say. */
function repeatLast(ports: VirtualBoardPorts): VirtualBoardPorts {
  const sensors = ports.sensors.map((config) => {
    let last: SensorSample | undefined;
    const sample = () => {
      try {
        last = config.sensor.sample();
      } catch (error) {
        if (last === undefined) throw error;
      }
      return last;
    };
    return { ...config, sensor: { configure() {}, close() {}, sample } };
  });
  return { ...ports, sensors };
}

/** Leaves out one of so many readings. */
const SELDOM = 20;

function loseReading(): () => void {
  let count = 0;
  return replaceMethod(
    Batch.prototype,
    "add",
    (add) =>
      function (...reading) {
        if (++count % SELDOM !== 0) add.apply(this, reading);
      },
  );
}

/** What boards say that is not so. */
export const WORD_SABOTAGES = {
  "kept-as-set": {
    what: "a clock that was kept over a reset is said to be set",
    meddle: (ports) => ({ ...ports, clock: new ProudClock(ports.clock) }),
  },
  "repeat-last": {
    what: "where a sensor fails its last reading is signed again",
    meddle: repeatLast,
  },
  "lose-reading": {
    what: "one of twenty readings is in no frame",
    install: loseReading,
  },
  "all-is-well": {
    what: "the status says that no frame waits",
    meddle: (ports) => ({ ...ports, about: { ...ports.about, queue: 0 } }),
  },
} satisfies Record<string, Sabotage>;
