import { Command } from "commander";
import type { Check } from "../node/provision/check.js";
import { checkMachine, checkPorts, checkSite } from "../node/provision/doctor.js";
import { quoted, visible, visibleLine } from "../text/visible.js";
import { addPorts } from "./board-options.js";
import { messageOf } from "./errors.js";
import { path } from "./options.js";
import { print, printJson } from "./output.js";
import { readSite } from "./site-file.js";

const EXAMPLES = `
Nothing is changed, and no port is opened. Exit code 1 where something does not work; what is only missed by some is marked with a question mark.

Examples:
  $ fieldmark doctor
  $ fieldmark doctor --site site.toml               its bundle, its keys, its brokers, too
  $ fieldmark doctor --json | jq 'select(.state == "bad")'`;

interface Options {
  port?: string[];
  site?: string;
  json?: boolean;
}

const MARKS: Readonly<Record<Check["state"], string>> = { good: "ok ", bad: "NO ", unsure: "?  " };

export function doctorCommand(): Command {
  const command = new Command("doctor")
    .description(
      "Look for what could be in a technician's way: ports, permissions, drivers, SDK, brokers, clock.",
    )
    .option("--site <file>", "site file to look through", path)
    .option("--json", "print JSON, one object a check");
  return addPorts(command).addHelpText("after", EXAMPLES).action(run);
}

async function run({ port, site, json = false }: Options): Promise<void> {
  const looked = site === undefined ? undefined : lookAt(site);
  const ports = port ?? looked?.found?.site.batch?.ports;
  const checks: Check[] = [...checkMachine(), ...(await checkPorts(ports))];
  if (looked !== undefined) checks.push(looked.check);
  if (looked?.found !== undefined) checks.push(...(await checkSite(looked.found.site, looked.found.at)));
  for (const check of checks) {
    const { state, name, said, hint = "" } = check;
    if (json) {
      printJson(check);
      continue;
    }
    const line = `${MARKS[state]} ${visible(name)}: ${visibleLine(said)}${hint === "" || state === "good" ? "" : `\n      ${visibleLine(hint)}`}`;
    print(line);
  }
  if (checks.some(({ state }) => state === "bad")) process.exitCode = 1;
}

/** The site file itself; what is wrong with it does not end the other checks. */
function lookAt(path: string): { readonly check: Check; readonly found?: ReturnType<typeof readSite> } {
  const name = "site file";
  try {
    const found = readSite(path);
    const { name: place, network } = found.site.site;
    return { check: { name, state: "good", said: `${quoted(place)}, network ${quoted(network)}` }, found };
  } catch (error) {
    const [said = "", hint = ""] = messageOf(error, path).split("\n");
    return { check: { name, state: "bad", said, hint } };
  }
}
