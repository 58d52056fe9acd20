import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small file system of its own. */
export interface Disk {
  readonly folder: string;
  /** Takes all that is free; `makeRoom` gives it back. */
  fill(): void;
  makeRoom(): void;
  /** As an ext4 does after an error of its disk: nothing is written any more until it is mounted again. */
  abort(): void;
  /** Mounted once more, after `abort` and when nobody uses it. */
  again(): void;
  close(): void;
}

const FILLER = "filler";

/**
 * An ext4 of some megabytes in a file. Undefined where this machine mounts none: only root can, and
 * not in each container. In CI as root that is an error.
 */
export function smallDisk(megabytes: number): Disk | undefined {
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-disk-"));
  const [image, place] = [join(folder, "disk.img"), join(folder, "disk")];
  mkdirSync(place);
  writeFileSync(image, "");
  truncateSync(image, megabytes * 1e6);
  const mount = () => run("mount", "-o", "loop,errors=remount-ro", image, place);
  const problem =
    process.getuid?.() === 0 ? (run("mkfs.ext4", "-q", "-m", "0", image) ?? mount()) : "not root";
  if (problem !== undefined) {
    if (process.env.CI === "true" && process.getuid?.() === 0) throw new Error(problem);
    rmSync(folder, { recursive: true });
    return undefined;
  }
  const filler = join(place, FILLER);
  return {
    folder: place,
    fill() {
      const file = openSync(filler, "a");
      const blocks = Buffer.alloc(65_536, 1);
      try {
        for (;;) writeSync(file, blocks);
      } catch {
        // It is full.
      } finally {
        closeSync(file);
      }
    },
    makeRoom: () => rmSync(filler, { force: true }),
    abort: () => must(run("mount", "-o", "remount,abort", place)),
    again() {
      must(run("umount", place));
      run("fsck.ext4", "-p", image);
      must(mount());
    },
    close() {
      run("umount", "-l", place);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function must(problem: string | undefined): void {
  if (problem !== undefined) throw new Error(problem);
}

/** What went wrong. */
function run(command: string, ...args: string[]): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? undefined : `${command}: ${error?.message ?? stderr}`;
}
