import * as jest from "@jest/globals";
import { describeClock } from "../../test/conformance/clock.js";
import { describeFlash, SECTOR_BYTES, SIZE } from "../../test/conformance/flash.js";
import { BoardClock } from "../ports/clock.js";
import { FileFlash } from "../sim/flash.js";
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
