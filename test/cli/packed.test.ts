import { execFile, execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { start, temporaryFolder } from "../support/cli.js";

const root = join(__dirname, "../..");
const scratch = temporaryFolder();
/** As npm lays it out where somebody installs the tarball: dependencies lie beside it. */
const installed = join(scratch, "node_modules/fieldmark");
const empty = join(scratch, "empty");

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Without `prepare`: it would build dist/ again, which other tests run. */
function pack(folder: string, ...words: string[]): Packed {
  const text = execFileSync("npm", ["pack", "--json", "--ignore-scripts", ...words], {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(text.toString())[0];
}

beforeAll(() => {
  const { filename } = pack(root, "--pack-destination", scratch);
  mkdirSync(installed, { recursive: true });
  mkdirSync(empty);
  execFileSync("tar", ["xzf", join(scratch, filename), "-C", installed, "--strip-components=1"]);
  // What npm would install beside it: dependencies and what these need, and nothing that only tests need.
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const name of packagesIn(join(root, "node_modules"))) {
    if (name in devDependencies) continue;
    const link = join(scratch, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, "node_modules", name), link);
  }
});

function packagesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(folder, name)).map((it) => `${name}/${it}`) : name,
    );
}

function fieldmark(words: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(installed, "dist/fieldmark.js"), ...words],
      { cwd: empty, maxBuffer: 1 << 26 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

test.each([
  ["--help"],
  ["--version"],
  ["sim --engine node --for 2s --out site.cborseq"],
  ["sim --engine node --sensors replay --for 2s"],
  ["verify site.cborseq"],
  ["world --seed 7 --devices 2 --for 1h"],
  ["sim --engine xs --devices 2 --for 2s"],
  ["keygen maker.json"],
  ["bundle --sample esp32c3 --key-file maker.json --out sample.zip"],
])(
  "outside of a checkout: fieldmark %s",
  async (line) => {
    const { code, output } = await fieldmark(line.split(" "));
    if (code !== 0) throw new Error(`exit code ${code}:\n${output.slice(-2000)}`);
  },
  600_000,
);

test("outside of a checkout: the technician's page is served", async () => {
  const serving = start(["serve", "--port", "0"], {
    cwd: empty,
    program: join(installed, "dist/fieldmark.js"),
  });
  await serving.said("http://127.0.0.1:");
  serving.process.kill("SIGINT");
  await serving.finished;
});

test("a packed one builds nothing when it is installed, and has no file that only tests need", () => {
  const { scripts } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
  for (const name of ["preinstall", "install", "postinstall"]) expect(scripts[name]).toBeUndefined();
  expect(readdirSync(installed).filter((name) => name !== "build")).toEqual([
    ...[
      "LICENSE",
      "NOTICE",
      "README.md",
      "data",
      "dist",
      "docs",
      "firmware",
      "host-sim",
      "node",
      "package.json",
    ],
  ]);
});

/** Names of files and folders in the commands, and the texts, of a page. */
function namesIn(text: string): string[] {
  const code = [...text.matchAll(/```\w*\n([\s\S]*?)```|`([^`\n]+)`/g)].map(
    ([, block, word]) => block ?? word ?? "",
  );
  const files = code.flatMap((it) => [
    ...it.matchAll(
      /(?<![\w./:{*<>…-])([\w-][\w.-]*\.(?:json|txt|cborseq|zip|log|jsonl|csv|toml|pem|xml))(?![\w/*(])/g,
    ),
  ]);
  const folders = code.flatMap((it) => [...it.matchAll(/--(?:state|artifacts|receipts) ([a-z][\w-]*)/g)]);
  return [
    ...files.map(([, name]) => name as string),
    ...folders.map(([, name]) => `${name}/board-0001/key`),
    ...["receipts/0123456789abcdef.json", "receipts/0123456789abcdef.svg", "kept.cborseq.quarantine"],
  ];
}

test("who follows README and docs in a checkout has nothing of theirs to commit, and no key in a package", () => {
  const checkout = join(scratch, "checkout");
  const env = { ...process.env, GIT_DIR: join(checkout, ".git") };
  const git = (...words: string[]) => execFileSync("git", words, { cwd: checkout, env }).toString();
  mkdirSync(checkout);
  git("init", "-q");
  // By .gitignore alone: what the tests run in may be an archive, with no repository.
  const own = git("--work-tree", root, "-C", root, "ls-files", "--others", "--exclude-standard").trim();
  const listed = own.split("\n");
  const shallow = listed.filter((path) => !path.includes("/"));
  for (const name of shallow) copyFileSync(join(root, name), join(checkout, name));
  cpSync(join(root, "docs"), join(checkout, "docs"), { recursive: true });
  git("add", "-A");
  git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "a checkout");
  expect(git("ls-files").trim().split("\n")).toEqual(expect.arrayContaining(shallow));

  const pages = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)].filter(
    (name) => name.endsWith(".md"),
  );
  // Files of the checkout itself are named, too; those of a board's flash, a bundle or the source tree lie elsewhere.
  const known = new Set(listed.map((path) => basename(path)));
  const names = pages.flatMap((page) => namesIn(readFileSync(join(root, page), "utf8")));
  const made = [...new Set(names)].filter((name) => !known.has(name));
  for (const name of ["my-key.json", "maker.json", "owner.json", "registry.json", "site.cborseq", "wifi.txt"])
    expect(made).toContain(name);
  for (const name of made) {
    mkdirSync(dirname(join(checkout, name)), { recursive: true });
    writeFileSync(join(checkout, name), '{"privateKey":"…"}');
  }
  expect(git("status", "--porcelain")).toBe("");
  const packed = pack(checkout, "--dry-run").files.map(({ path }) => path);
  expect(packed).toContain("README.md");
  expect(packed.filter((path) => made.includes(path))).toEqual([]);
});
