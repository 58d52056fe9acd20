import { type ChildProcess, spawn } from "node:child_process";
import type { PortSide } from "./port.js";
import { buildPtyProgram } from "./pty-program.js";

const LINE_FEED = 10;
/** Bytes that wait for the program, at most; what does not fit is lost, whole calls at a time. */
const MAX_WAITING = 65_536;

/** A pseudo-terminal whose other end is a simulated board's serial port. It has no DTR and RTS, and any rate will do. */
export interface PtySide extends PortSide {
  /** For instance /dev/pts/7. */
  readonly path: string;
}

/** `root`: the package's folder. Throws where there is no compiler, or no pty. */
export async function startPty(root: string): Promise<PtySide> {
  const child = spawn(buildPtyProgram(root), { stdio: ["pipe", "pipe", "pipe"] });
  let received = (_: Uint8Array) => {};
  let end = () => {};
  const gone = new Promise<void>((resolve) => {
    end = resolve;
  });
  child.once("close", () => end());
  child.stdin.on("error", () => {}); // the cable is pulled: what was under way is lost
  const { path, rest } = await readPath(child);
  child.stdout?.on("data", (data: Buffer) => received(Uint8Array.from(data)));
  if (rest.length > 0) setImmediate(() => received(rest));
  return {
    path,
    gone,
    onData(handler) {
      received = handler;
    },
    write(bytes) {
      if (child.stdin.writable && child.stdin.writableLength < MAX_WAITING) child.stdin.write(bytes.slice());
    },
    cut: () => void child.kill("SIGKILL"),
  };
}

async function readPath(child: ChildProcess): Promise<{ path: string; rest: Uint8Array }> {
  let said = Buffer.alloc(0);
  let complaint = "";
  child.stderr?.on("data", (data) => {
    complaint += data;
  });
  await new Promise<void>((resolve, reject) => {
    const look = (data: Buffer) => {
      said = Buffer.concat([said, data]);
      if (!said.includes(LINE_FEED)) return;
      child.stdout?.off("data", look);
      resolve();
    };
    child.stdout?.on("data", look);
    child.once("error", reject);
    child.once("close", () => reject(new Error(complaint.trim() || "pty: it ended")));
  });
  const at = said.indexOf(LINE_FEED);
  return { path: said.subarray(0, at).toString(), rest: Uint8Array.from(said.subarray(at + 1)) };
}
