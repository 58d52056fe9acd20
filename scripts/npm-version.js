// Which install scripts of dependencies run is decided by `allowScripts` in package.json, which npm knows from 11.16 on. Node 20 comes with an older one.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const LEAST = [11, 16];

/**
 * What is to be said to who installs with an npm that ran scripts which package.json forbids; undefined where there is nothing. `userAgent`:
 * npm_config_user_agent, as npm gives it to scripts, `npm/10.8.2 node/v20.20.2 linux x64 workspaces/false`.
 */
export function aboutNpm(userAgent = "", allowScripts = {}) {
  const [, version, major, minor] = /^npm\/((\d+)\.(\d+)\S*)/.exec(userAgent) ?? [];
  if (version === undefined) return undefined; // another tool
  const isKnown = Number(major) > LEAST[0] || (Number(major) === LEAST[0] && Number(minor) >= LEAST[1]);
  if (isKnown) return undefined;
  const ran = Object.keys(allowScripts).filter((name) => allowScripts[name] === false);
  return (
    `npm ${version} does not know allowScripts, and has run the install scripts of ${ran.join(", ")}, which Fieldmark does not need. ` +
    `npm ${LEAST.join(".")} or later leaves them out: npx npm@11 ci (docs/security.md)`
  );
}

/** Of the npm that runs this as a script of an installation. */
export function warnOfOldNpm() {
  if (process.env.npm_lifecycle_event !== "prepare") return;
  const path = fileURLToPath(new URL("../package.json", import.meta.url));
  const said = aboutNpm(
    process.env.npm_config_user_agent,
    JSON.parse(readFileSync(path, "utf8")).allowScripts,
  );
  if (said !== undefined) console.warn(`fieldmark: ${said}`);
}
