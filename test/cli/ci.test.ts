import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { expect, test } from "@jest/globals";
import { temporaryFolder } from "../support/cli.js";

const root = join(__dirname, "../..");
const page = readFileSync(join(root, "docs/ci.md"), "utf8");
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, "g"))].map(([, text]) => text as string);
const commands = blocks("sh").flatMap((block) => block.trim().split("\n"));

test.each(commands)("%s", async (command) => {
  const bin = join(folder, "bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  // A busy machine is slower than the page has it; less is enough to see that the words are right.
  const line = command
    .replaceAll("npx fieldmark", `${process.execPath} ${join(bin, "fieldmark")}`)
    .replace("--min-frames 100 --max-p99 2s", "--min-frames 10 --max-p99 60s");
  await new Promise<void>((resolve, reject) => {
    execFile("sh", ["-c", line], { cwd: folder, env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command}\n${stdout}\n${stderr}`));
      else resolve();
    });
  });
});

test("keeps what the page says", () => {
  const named = [...page.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell]) =>
    [...(cell as string).matchAll(/`([a-z.]+\.[a-z]+)`/g)].map(([, name]) => name),
  );
  expect(readdirSync(join(folder, "artifacts")).sort()).toEqual([...named, "judged.jsonl"].sort());
});

test("both jobs run these commands, keep the folder however they end, and are YAML", () => {
  const yaml = createRequire(__filename)("js-yaml") as { load(text: string): unknown };
  const [github, gitlab] = blocks("yaml").map((text) => yaml.load(text)) as [GitHub, GitLab];
  const { steps } = github.jobs.fleet;
  expect(steps.flatMap(({ run }) => run ?? [])).toEqual(["npm ci", ...commands]);
  expect(steps.at(-1)).toMatchObject({ if: "always()", with: { path: "artifacts" } });
  expect(gitlab.fleet.script).toEqual(["npm ci", ...commands]);
  expect(gitlab.fleet.artifacts).toMatchObject({
    when: "always",
    paths: ["artifacts"],
    reports: { junit: "junit.xml" },
  });
});

interface GitHub {
  jobs: { fleet: { steps: { run?: string }[] } };
}
interface GitLab {
  fleet: { script: string[]; artifacts: object };
}

const folder = temporaryFolder();
mkdirSync(join(folder, "bin"));
symlinkSync(join(root, "dist/fieldmark.js"), join(folder, "bin/fieldmark"));
