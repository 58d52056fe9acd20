import { spawnSync } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What the firmware is built with: XS 17 is in release 8.2.3 of the SDK, ESP-IDF 6 is what that release asks for. */
export const SDK_RELEASE = "8.2.3";
const XS_MAJOR = 17;
const IDF_MAJOR = 6;
const TOOLS = ["mcconfig", "xsc", "xsid", "xsl"];
const SETUP = `  npm install --global xs-dev
  xs-dev setup --target-branch ${SDK_RELEASE}`;

/** Something that the build needs is not on this machine; the message says what, and how it comes there. */
export class SdkError extends Error {}

/**
 * The SDK that the environment names: its folder and that of its tools. Throws SdkError for the first thing that is missing,
 * ESP-IDF aside: without it mcconfig goes some of the way.
 */
export function findSdk(env, { isLinux }) {
  const folder = env.MODDABLE;
  if (!folder)
    throw new SdkError(
      `MODDABLE is not set: the Moddable SDK, release ${SDK_RELEASE}, builds the firmware. Install it:\n${SETUP}\nthen open a new shell, or set MODDABLE to the SDK's folder.`,
    );
  const version = xsVersion(folder);
  if (version === undefined)
    throw new SdkError(`MODDABLE is ${folder}, which holds no Moddable SDK. Install it:\n${SETUP}`);
  if (version !== XS_MAJOR)
    throw new SdkError(
      `the SDK in ${folder} has XS ${version}, not ${XS_MAJOR}: release ${SDK_RELEASE} is needed. Check it out, and build its tools:\n  git -C ${folder} fetch --tags && git -C ${folder} checkout ${SDK_RELEASE}\n  make -C ${join(folder, "build/makefiles", process.platform === "darwin" ? "mac" : "lin")}`,
    );
  const system = process.platform === "darwin" ? "mac" : "lin";
  const tools = join(folder, "build/bin", system, "release");
  const absent = TOOLS.filter((name) => !isProgram(join(tools, name)));
  if (absent.length > 0)
    throw new SdkError(
      `${tools} lacks ${absent.join(", ")}: the SDK's tools are not built. Build them:\n  cd ${join(folder, "build/makefiles", system)} && make`,
    );
  if (isLinux) checkLinux();
  return { folder, tools };
}

/** Says what is missing to build for an ESP32; undefined where nothing is. */
export function idfMissing(env) {
  const folder = env.IDF_PATH;
  if (!folder)
    return `IDF_PATH is not set: ESP-IDF ${IDF_MAJOR} is needed to compile and link for ESP32 boards. Install it:\n  xs-dev setup --device esp32`;
  const version = idfVersion(folder);
  if (version === undefined)
    return `IDF_PATH is ${folder}, which holds no ESP-IDF. Install it:\n  xs-dev setup --device esp32`;
  if (version !== IDF_MAJOR)
    return `the ESP-IDF in ${folder} is version ${version}, not ${IDF_MAJOR}. Check out v${IDF_MAJOR}.0 of it, and run its install.sh`;
  return undefined;
}

function checkLinux() {
  if (process.platform !== "linux")
    throw new SdkError(`--board sim is the SDK's Linux target: it does not run on ${process.platform}`);
  const missing = [
    { program: "cc", args: ["--version"], debian: "gcc libc6-dev" },
    { program: "make", args: ["--version"], debian: "make" },
    { program: "pkg-config", args: ["--version"], debian: "pkg-config" },
    { program: "pkg-config", args: ["--exists", "gio-2.0"], debian: "libglib2.0-dev" },
  ].filter(({ program, args }) => spawnSync(program, args, { stdio: "ignore" }).status !== 0);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ debian }) => debian))].join(" ");
  throw new SdkError(`the sim firmware needs more to be built. On Debian:\n  apt-get install ${packages}`);
}

/** The newest XS that the SDK's sources can be, which says its release; undefined where there are none. */
function xsVersion(folder) {
  const source = readText(join(folder, "xs/sources/xsCommon.h"));
  const versions = [...(source ?? "").matchAll(/#define XS_MAJOR_VERSION (\d+)/g)].map(([, major]) => +major);
  return versions.length === 0 ? undefined : Math.max(...versions);
}

function idfVersion(folder) {
  const major = /set\(IDF_VERSION_MAJOR (\d+)\)/.exec(
    readText(join(folder, "tools/cmake/version.cmake")) ?? "",
  );
  return major === null ? undefined : Number(major[1]);
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** PATH with the SDK's tools, and this project's own TypeScript, which mcconfig runs. */
export function pathWith(sdk, root, env) {
  return [join(root, "node_modules/.bin"), sdk.tools, env.PATH ?? ""].join(delimiter);
}
