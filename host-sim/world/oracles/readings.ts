import { hex } from "../../../agent/cose/kid.js";
import type { Position } from "../../../agent/frame/chain.js";
import type { Frame } from "../../../agent/frame/parse.js";
import type { WallTime } from "../../../agent/ports/clock.js";
import { boardName } from "../plan.js";
import { frameName, type Oracle, type OracleContext } from "./oracle.js";

/** Milliseconds from a sensor's answer to the signature: readings wait for those of other sensors. And by which a sensor may be asked late. */
const SLACK = 3000;
/** Decimal places that are compared: the most that a quantity has here. */
const PLACES = 2;

/** What a sensor said, and at which uptime in milliseconds. */
interface Answer {
  readonly name: string;
  readonly value: number;
  readonly uptime: number;
}

/** What a frame has to say. */
interface Truth {
  readonly answers: readonly Answer[];
  readonly wall: WallTime;
  /** Milliseconds, as it was signed. */
  readonly uptime: number;
}

/** One board. */
interface Book {
  /** Answers that no signature covers yet. */
  waiting: Answer[];
  /** By sensor: when it was asked last; milliseconds of the run. */
  askedAt: number[];
  readonly truths: Map<string, Truth>;
}

/**
 * Every frame says what the sensors said since the frame before it, all of it, once, and when that was: by the board's uptime, and by its
 * clock as far as that was known. Sensors are asked in time, and what they say is signed, whatever befalls the brokers.
 */
export function readings({ world, boardOf, interval, fail, now }: OracleContext): Oracle {
  const name = "readings";
  const books = new Map<number, Book>(
    world.boards.map(({ number }) => [number, { waiting: [], askedAt: [], truths: new Map() }]),
  );
  const bookOf = (board: number) => books.get(board) as Book;
  const clockOf = (board: number) => world.boardOf(boardName(board))?.clock;
  return {
    name,
    booted(board) {
      bookOf(board).askedAt = [now(), now()];
    },
    cut(board) {
      bookOf(board).waiting = [];
    },
    sampled(board, sensor, quantity, value) {
      const book = bookOf(board);
      book.askedAt[sensor] = now();
      const uptime = clockOf(board)?.uptime() ?? 0;
      if (value !== undefined) book.waiting.push({ name: quantity, value, uptime });
    },
    signing(board, position) {
      const { waiting, truths } = bookOf(board);
      const clock = clockOf(board);
      if (clock === undefined || truths.has(keyOf(position))) return;
      const answers = waiting.splice(0);
      truths.set(keyOf(position), { answers, wall: clock.wall(), uptime: clock.uptime() });
    },
    told(board, { type }) {
      if (type === "storage-failed") bookOf(board).waiting = []; // lost with the frame, which is declared
    },
    kept(frame) {
      const board = boardOf(hex(frame.kid));
      if (board === undefined) return;
      const { truths } = bookOf(board);
      const truth = truths.get(keyOf(frame));
      truths.delete(keyOf(frame));
      const wrong =
        truth === undefined ? undefined : (wrongReadings(frame, truth) ?? wrongClock(frame, truth));
      if (wrong !== undefined) fail(name, board, `${frameName(board, frame)} ${wrong}`);
    },
    tick() {
      for (const { number, isOn, agent } of world.boards) {
        if (!isOn || agent === undefined) continue;
        const { waiting, askedAt } = bookOf(number);
        const age = (clockOf(number)?.uptime() ?? 0) - (waiting[0]?.uptime ?? Number.POSITIVE_INFINITY);
        if (age > SLACK)
          fail(name, number, `what a sensor said ${Math.round(age / 1000)} s ago is in no frame`);
        const silence = world.isFinishing ? 0 : now() - Math.min(...askedAt);
        if (silence > interval + SLACK)
          fail(name, number, `a sensor was last asked ${Math.round(silence / 1000)} s ago`);
      }
    },
  };
}

const keyOf = ({ boot, sequence }: Position) => `${boot}/${sequence}`;

function wrongReadings(frame: Frame, { answers }: Truth): string | undefined {
  const scale = 10 ** PLACES;
  const text = (quantity: string, value: number, milliseconds: number) =>
    `${quantity} ${Math.round(value * scale)} at ${Math.floor(milliseconds / 1000)}`;
  const said = [...frame.readings]
    .map((it) => text(it.name, it.mantissa * 10 ** it.exponent, frame.uptime * 1000 - it.age))
    .sort();
  const true_ = answers.map((it) => text(it.name, it.value, it.uptime)).sort();
  if (said.join() === true_.join()) return undefined;
  return `says ${said.join(", ")} (hundredths, uptime), and the sensors said ${true_.join(", ") || "nothing"}`;
}

function wrongClock({ clock, time, uptime }: Frame, truth: Truth): string | undefined {
  const { state, unix } = truth.wall;
  if (clock !== state) return `says clock ${clock} where the board's clock was ${state}`;
  if (time === undefined) return undefined;
  const off = time - uptime - (unix - truth.uptime) / 1000;
  return Math.abs(off) <= 1 ? undefined : `says a time ${Math.round(off)} s from what the board's clock said`;
}
