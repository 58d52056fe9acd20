import { hex } from "../../../agent/cose/kid.js";
import { EPOCH } from "../ports.js";
import { frameName, type Oracle, type OracleContext } from "./oracle.js";

/** Seconds by which a frame's date may differ from when it was signed: its oldest reading may wait, and dates are whole seconds. */
const TOLERANCE = 4;

/** A frame that says its time of day is known says the right one, unless its board's clock was made wrong. */
export function dates({ ledgers, boardOf, fail }: OracleContext): Oracle {
  return {
    name: "dates",
    kept(frame) {
      const board = boardOf(hex(frame.kid));
      if (board === undefined || frame.time === undefined) return;
      const record = ledgers[board]?.find(frame);
      if (record === undefined || record.isClockWrong) return;
      const off = frame.time - (EPOCH + record.signedAt) / 1000;
      if (Math.abs(off) > TOLERANCE)
        fail(
          "dates",
          board,
          `${frameName(board, frame)} is dated ${Math.round(off)} s from when it was signed`,
        );
    },
  };
}
