import { describe, expect, test } from "@jest/globals";
import type { LogFiles } from "../../network/ports/log-files.js";

export interface LogFilesBinding {
  /** The same files, as the next process finds them. */
  open(): LogFiles;
}

/** What network/ports/log-files.ts promises, as far as a caller can see it. `make` gives an empty folder. */
export function describeLogFiles(name: string, make: () => LogFilesBinding): void {
  describe(`log files: ${name}`, () => {
    test("is empty until the first write", () => {
      const binding = make();
      const files = binding.open();
      expect(files.isEmpty()).toBe(true);
      expect(files.read("checkpoint")).toBeUndefined();
      files.write("tile/0/x001/234.p/5", Uint8Array.of(1));
      expect(files.isEmpty()).toBe(false);
      expect(binding.open().isEmpty()).toBe(false);
    });

    test("has what was written last, after a new start too", () => {
      const binding = make();
      const files = binding.open();
      for (const bytes of [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(9).subarray(0, 1)]) {
        files.write("tile/entries/000.p/7", bytes);
        expect(files.read("tile/entries/000.p/7")).toEqual(bytes);
        expect(binding.open().read("tile/entries/000.p/7")).toEqual(bytes);
      }
    });

    test("keeps copies, and gives them", () => {
      const files = make().open();
      const bytes = Uint8Array.of(1, 2);
      files.write("checkpoint", bytes);
      bytes.fill(9);
      files.read("checkpoint")?.fill(9);
      expect(files.read("checkpoint")).toEqual(Uint8Array.of(1, 2));
    });

    test("has a full tile beside its partial ones, and forgets those alone", () => {
      const files = make().open();
      const paths = ["tile/0/000", "tile/0/000.p/1", "tile/0/000.p/255", "tile/0/001.p/1"];
      for (const path of paths) files.write(path, Uint8Array.of(1));
      files.forget("tile/0/000.p");
      expect(paths.filter((path) => files.read(path) !== undefined)).toEqual([
        "tile/0/000",
        "tile/0/001.p/1",
      ]);
      expect(() => files.forget("tile/7/000.p")).not.toThrow();
    });

    test("has no file where a folder is, or below a file", () => {
      const files = make().open();
      files.write("tile/0/000", Uint8Array.of(1));
      expect(files.read("tile/0")).toBeUndefined();
      expect(files.read("tile/0/000/1")).toBeUndefined();
    });
  });
}
