// Checks that the system programs which the tests run are there, and installs them where it may: on Debian and its
// kin, as root. Elsewhere it says what to install and exits with 1. Silent where nothing is missing.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const PROGRAMS = [
  {
    program: "mosquitto",
    debian: "mosquitto",
    brew: "mosquitto",
    why: "the MQTT broker of the end-to-end tests",
  },
  {
    program: "nats-server",
    debian: "nats-server", // 4 MB to fetch, 11 MB installed
    brew: "nats-server",
    why: "an MQTT broker of another make, which knows MQTT 3.1.1 only",
  },
  { program: "cc", debian: "gcc libc6-dev", brew: "gcc", why: "compiles the XS engine" },
  {
    program: "qemu-system-riscv32",
    debian: "qemu-system-misc",
    brew: "qemu",
    why: "runs boards on emulated chips",
  },
  {
    program: "riscv64-unknown-elf-gcc",
    debian: "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
    brew: "riscv64-elf-gcc",
    why: "compiles the boards' engine for RV32IMC, with picolibc",
  },
  {
    program: "chromium",
    others: ["chromium-browser", "google-chrome", "google-chrome-stable"],
    debian: "chromium",
    brew: "--cask chromium",
    why: "shows the technician's page",
  },
  { program: "openssl", debian: "openssl", brew: "openssl", why: "a second opinion on signatures" },
  { program: "python3", debian: "python3", brew: "python", why: "a second opinion on a log's files" },
  { program: "git", debian: "git", brew: "git", why: "says what .gitignore leaves out" },
];

/** Debian puts brokers into sbin, which the PATH of a plain user lacks. */
const FOLDERS = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];

/** Debian asks this program before it starts a package's service; 101 means no (invoke-rc.d(8)). */
const POLICY = "/usr/sbin/policy-rc.d";
const REFUSE_SERVICES = "#!/bin/sh\nexit 101\n";

function isThere({ program, others = [] }) {
  return [program, ...others].some((name) =>
    FOLDERS.some((folder) => {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return statSync(join(folder, name)).isFile();
      } catch {
        return false;
      }
    }),
  );
}

function aptGet(...args) {
  console.error(`$ apt-get ${args.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, signal, error } = spawnSync("apt-get", args, { stdio: ["ignore", 2, 2], env });
  if (status !== 0) console.error(`apt-get failed: ${error?.message ?? signal ?? `exit code ${status}`}`);
  return status === 0;
}

/** Installs without starting any service: a broker left on port 1883 is not what a test run should leave behind. */
function install(packages) {
  const mayStart = !existsSync(POLICY);
  // Ctrl-C ends apt-get, which shares the terminal; this process stays to take the policy away again.
  const stay = () => {};
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, stay);
  try {
    if (mayStart) writeFileSync(POLICY, REFUSE_SERVICES, { mode: 0o755 });
    aptGet("update");
    aptGet("install", "-y", "--no-install-recommends", ...packages);
  } finally {
    if (mayStart) rmSync(POLICY, { force: true });
    for (const signal of ["SIGINT", "SIGTERM"]) process.off(signal, stay);
  }
}

let missing = PROGRAMS.filter((entry) => !isThere(entry));
if (missing.length > 0 && existsSync("/etc/debian_version") && process.getuid?.() === 0) {
  console.error(`The tests need ${missing.map(({ program }) => program).join(", ")}: installing.`);
  install(missing.flatMap(({ debian }) => debian.split(" ")));
  missing = missing.filter((entry) => !isThere(entry));
}
if (missing.length > 0) {
  console.error("The tests need programs that this machine lacks:");
  for (const { program, why } of missing) console.error(`  ${program}: ${why}`);
  console.error("Install them, then run this again:");
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  const debian = missing.map((entry) => entry.debian).join(" ");
  const brew = missing.map((entry) => entry.brew).join(" ");
  console.error(`  Debian, Ubuntu:  ${sudo}apt-get install --no-install-recommends ${debian}`);
  console.error(`  macOS:           brew install ${brew}`);
  process.exitCode = 1;
}
