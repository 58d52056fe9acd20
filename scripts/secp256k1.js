// Puts libsecp256k1, as firmware/native/secp256k1.json pins it, into build/secp256k1 for board builds. The commit's hash
// is what is trusted, and the files are compared with it; the tag is only a name. `--from <url or folder>` clones from elsewhere.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const pin = JSON.parse(readFileSync(join(ROOT, "firmware/native/secp256k1.json"), "utf8"));
const { values } = parseArgs({ options: { from: { type: "string", default: pin.url } } });
const target = join(ROOT, "build/secp256k1");

function git(folder, ...args) {
  const env = { ...process.env, GIT_TERMINAL_PROMPT: "0" };
  const options = ["-c", "advice.detachedHead=false", "-c", "core.autocrlf=false"];
  const { status, stdout, stderr, error } = spawnSync("git", [...options, "-C", folder, ...args], {
    encoding: "utf8",
    env,
  });
  return { ok: status === 0, text: stdout?.trim() ?? "", said: error?.message ?? stderr?.trim() ?? "" };
}

/** What is wrong with a clone; undefined: it is the pinned commit, and no file differs from it. */
function fault(folder) {
  // Without a .git of its own, git would answer for the repository around it.
  if (!existsSync(join(folder, ".git"))) return "is no clone";
  const commit = git(folder, "rev-parse", "HEAD").text;
  if (commit !== pin.commit) return `is at commit ${commit}`;
  const tree = git(folder, "rev-parse", "HEAD^{tree}").text;
  if (tree !== pin.tree) return `has the tree ${tree}`;
  // fsck hashes every object again.
  if (!git(folder, "fsck", "--full", "--strict").ok) return "is damaged";
  // A new index has no file dates that status could trust: it reads all files.
  if (!git(folder, "read-tree", "HEAD").ok) return "is damaged";
  const changes = git(folder, "status", "--porcelain", "--ignored");
  return changes.ok && changes.text === ""
    ? undefined
    : `has changed files:\n${changes.text || changes.said}`;
}

function fail(message) {
  console.error(`secp256k1: ${message}`);
  process.exit(1);
}

if (existsSync(target)) {
  const found = fault(target);
  if (found !== undefined)
    fail(
      `build/secp256k1 ${found}; wanted ${pin.commit} (${pin.tag}). Remove the folder, and run this again.`,
    );
  console.log(`secp256k1: ${pin.tag} is in build/secp256k1`);
} else {
  const partial = `${target}.${process.pid}`;
  mkdirSync(dirname(target), { recursive: true });
  const cloned = git(ROOT, "clone", "--quiet", "--depth", "1", "--branch", pin.tag, values.from, partial);
  if (!cloned.ok) {
    rmSync(partial, { recursive: true, force: true });
    fail(
      `cannot clone ${values.from}: ${cloned.said}\n` +
        `Where there is no network, give a clone that has ${pin.tag}: node scripts/secp256k1.js --from <folder>`,
    );
  }
  const wrong = fault(partial);
  if (wrong !== undefined) {
    rmSync(partial, { recursive: true, force: true });
    fail(`what ${values.from} calls ${pin.tag} ${wrong}; wanted ${pin.commit}. Nothing was kept.`);
  }
  renameSync(partial, target);
  console.log(`secp256k1: ${pin.tag} (${pin.commit}) is now in build/secp256k1`);
}
