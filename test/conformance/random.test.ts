import { random } from "../../node/ports/random.js";
import { describeRandom } from "./random.js";

describeRandom("node:crypto", () => random);
