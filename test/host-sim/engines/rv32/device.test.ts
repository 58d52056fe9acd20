import { beforeAll } from "@jest/globals";
import type { Boots } from "../../../../host-sim/virtual-board/boot.js";
import { emulatedBoots } from "../../../../host-sim/virtual-board/rv32/boots.js";
import { boardCases } from "../../virtual-board/commissioned/cases.js";
import { COMPILE_TIMEOUT, ROOT } from "../xs/xs-host.js";

let boots: Promise<Boots>;

beforeAll(async () => {
  boots = emulatedBoots(ROOT, () => {});
  await boots;
}, COMPILE_TIMEOUT);

boardCases("a board on an emulated chip", () => boots);
