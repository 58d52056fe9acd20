import { describe, expect, test } from "@jest/globals";
import type { KeyValue } from "../../agent/ports/key-value.js";

export interface KeyValueBinding {
  /** The same store, as the next boot finds it. */
  open(): KeyValue<string>;
  close(): void;
}

/** What agent/ports/key-value.ts promises, as far as a caller can see it. `make` gives an empty store. */
export function describeKeyValue(name: string, make: () => KeyValueBinding): void {
  describe(`key-value: ${name}`, () => {
    const check = (title: string, body: (store: KeyValue<string>, reopen: () => KeyValue<string>) => void) =>
      test(title, () => {
        const binding = make();
        try {
          body(binding.open(), () => binding.open());
        } finally {
          binding.close();
        }
      });

    check("a key never set has no value", (store) => {
      expect(store.get("boot")).toBeUndefined();
    });

    for (const [title, value] of Object.entries({
      "no bytes": new Uint8Array(0),
      "all byte values": Uint8Array.from({ length: 256 }, (_, i) => i),
      "4,096 bytes": new Uint8Array(4096).fill(0xa5),
    }))
      check(`a value of ${title} comes back, after a new boot too`, (store, reopen) => {
        store.set("tip", value);
        expect(store.get("tip")).toEqual(value);
        expect(reopen().get("tip")).toEqual(value);
      });

    check(
      "the last of several values stands, and a shorter one leaves nothing of a longer",
      (store, reopen) => {
        store.set("boot", Uint8Array.of(1, 2, 3, 4));
        store.set("boot", Uint8Array.of(9));
        expect(store.get("boot")).toEqual(Uint8Array.of(9));
        expect(reopen().get("boot")).toEqual(Uint8Array.of(9));
      },
    );

    check("keys do not touch each other", (store) => {
      store.set("a", Uint8Array.of(1));
      store.set("a-1", Uint8Array.of(2));
      store.delete("a");
      expect(store.get("a-1")).toEqual(Uint8Array.of(2));
    });

    check("a deleted key is gone, after a new boot too", (store, reopen) => {
      store.set("boot", Uint8Array.of(1));
      store.delete("boot");
      expect(store.get("boot")).toBeUndefined();
      expect(reopen().get("boot")).toBeUndefined();
    });

    check("deleting a key that is not there does nothing", (store) => {
      expect(() => store.delete("boot")).not.toThrow();
    });

    check("set copies what it is given", (store) => {
      const value = Uint8Array.of(1, 2);
      store.set("boot", value);
      value[0] = 9;
      expect(store.get("boot")).toEqual(Uint8Array.of(1, 2));
    });

    check("set takes a view of a larger buffer", (store) => {
      store.set("boot", Uint8Array.of(1, 2, 3, 4).subarray(1, 3));
      expect(store.get("boot")).toEqual(Uint8Array.of(2, 3));
    });

    check("get gives a copy", (store) => {
      store.set("boot", Uint8Array.of(1, 2));
      store.get("boot")?.fill(9);
      expect(store.get("boot")).toEqual(Uint8Array.of(1, 2));
    });

    for (const key of ["a", "boot-counter-15", "0", "-"])
      check(`"${key}" is a key`, (store) => {
        store.set(key, Uint8Array.of(7));
        expect(store.get(key)).toEqual(Uint8Array.of(7));
      });

    for (const key of ["", "boot-counter-016", "Boot", "a b", "..", "a/b", "a.new", "ä", "a\n"])
      check(`${JSON.stringify(key)} is refused as a key`, (store) => {
        expect(() => store.set(key, Uint8Array.of(1))).toThrow(/^key: /);
        expect(() => store.get(key)).toThrow(/^key: /);
        expect(() => store.delete(key)).toThrow(/^key: /);
      });
  });
}
