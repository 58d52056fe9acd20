import { brokerSection } from "./broker.js";
import { codecSection } from "./codec.js";
import { failoverSection } from "./failover.js";
import { hostileSection } from "./hostile.js";
import { journalSection } from "./journal.js";
import { reconcileSection } from "./reconcile.js";
import { runBench } from "./run.js";
import { rv32Section } from "./rv32.js";
import { witnessSection } from "./witness.js";
import { witnessBrokerSection } from "./witness-broker.js";
import { worldSection } from "./world.js";
import { xsSection } from "./xs.js";

/** The repository: this file is in bench/, its bundle in dist/. */
const root = new URL("../", import.meta.url);

const SECTIONS = [
  codecSection(root),
  brokerSection(),
  failoverSection(),
  hostileSection(),
  witnessSection(root),
  witnessBrokerSection(),
  reconcileSection(),
  journalSection(),
  worldSection(),
  xsSection(root),
  rv32Section(root),
];

process.exitCode = await runBench(process.argv.slice(2), SECTIONS, {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
