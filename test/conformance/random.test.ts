import { random } from "../../host-sim/ports/random.js";
import { describeRandom } from "./random.js";

describeRandom("node:crypto", () => random);
