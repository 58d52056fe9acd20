import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { aboutNpm } from "../../scripts/npm-version.js";

const ROOT = join(__dirname, "../..");
const json = (name: string) => JSON.parse(readFileSync(join(ROOT, name), "utf8"));
const { allowScripts } = json("package.json");

test.each([
  ["10.8.2", true], // of Node 20.20
  ["9.2.0", true], // of Debian 12
  ["11.15.0", true],
  ["11.16.0", false], // the first that leaves out what allowScripts forbids
  ["11.19.1", false],
  ["12.2.2", false],
  ["12.0.0-pre.1", false],
])("npm %s is told of: %s", (version, isTold) => {
  const said = aboutNpm(`npm/${version} node/v20.20.2 linux x64 workspaces/false`, allowScripts);
  if (!isTold) return expect(said).toBeUndefined();
  expect(said).toContain(`npm ${version} does not know allowScripts`);
  expect(said).toContain("@agoric/xsnap");
  expect(said).not.toContain("secp256k1"); // whose script is wanted
});

test.each(["", "pnpm/9.0.0 npm/? node/v20.0.0", "yarn/1.22.0 npm/? node/v20.0.0"])(
  "%p is no npm",
  (agent) => {
    expect(aboutNpm(agent, allowScripts)).toBeUndefined();
  },
);

test("npm ci says it when it prepares the package, and goes on", () => {
  const module = JSON.stringify(join(ROOT, "scripts/npm-version.js"));
  const script = `import(${module}).then(({ warnOfOldNpm }) => warnOfOldNpm())`;
  const said = (npm: string, event: string) => {
    const env = {
      ...process.env,
      npm_config_user_agent: `npm/${npm} node/v20.20.2 linux x64`,
      npm_lifecycle_event: event,
    };
    const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      env,
      encoding: "utf8",
    });
    expect(status).toBe(0);
    return stderr;
  };
  expect(said("10.8.2", "prepare")).toContain("npx npm@11 ci");
  expect([said("11.19.1", "prepare"), said("10.8.2", "start")]).toEqual(["", ""]);
});

test("package.json decides on every package that has an install script, and on no other", () => {
  const { packages } = json("package-lock.json") as {
    packages: Record<string, { hasInstallScript?: boolean }>;
  };
  const names = Object.entries(packages).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript ? [path.replace(/^.*node_modules\//, "")] : [],
  );
  // esbuild's fsevents and the like are for other systems, and not here.
  expect(Object.keys(allowScripts).sort()).toEqual(
    expect.arrayContaining([...new Set(names)].filter((name) => name !== "fsevents").sort()),
  );
});
