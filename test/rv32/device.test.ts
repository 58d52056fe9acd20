import { beforeAll } from "@jest/globals";
import type { Boots } from "../../host-sim/provision/boot.js";
import { emulatedBoots } from "../../host-sim/rv32/device.js";
import { boardCases } from "../provision/board/cases.js";
import { COMPILE_TIMEOUT, ROOT } from "../xs/xs-host.js";

let boots: Promise<Boots>;

beforeAll(async () => {
  boots = emulatedBoots(ROOT, () => {});
  await boots;
}, COMPILE_TIMEOUT);

boardCases("a board on an emulated chip", () => boots);
