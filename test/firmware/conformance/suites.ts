import * as jest from "@jest/globals";
import { BoardClock } from "../../../firmware/ports/clock.js";
import { FileFlash } from "../../../firmware/sim/flash.js";
import { describeClock } from "../../conformance/clock.js";
import { describeFlash, SECTOR_BYTES, SIZE } from "../../conformance/flash.js";
import type * as inPlace from "./jest.js";

/** manifests/conformance puts jest.ts there. */
const { runCases } = jest as unknown as typeof inPlace;

let flashes = 0;

/** Runs the conformance suites of the ports that the sim has from the SDK, and says on the console a JSON object a case, then "end". */
export function runSuites(): void {
  describeClock("the SDK's", () => new BoardClock());
  describeFlash("the SDK's files", () => {
    const path = `flash-${flashes++}.bin`;
    const geometry = { sectors: SIZE / SECTOR_BYTES, sectorBytes: SECTOR_BYTES };
    return { open: () => new FileFlash(path, geometry), close() {} };
  });
  void runCases((name, failure) => trace(`${JSON.stringify({ type: "case", name, failure })}\n`)).then(() =>
    trace("end\n"),
  );
}
