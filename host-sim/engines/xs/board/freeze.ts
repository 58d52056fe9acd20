/**
 * Makes everything that is there unchangeable, for good. An object in flash that can change costs each board an entry in
 * its table of aliases, used or not; the SDK's linker freezes what it puts into flash for the same reason.
 */
export function freezeAll(): void {
  const seen = new Set<unknown>();
  const reach = (it: unknown): void => {
    if ((typeof it !== "object" && typeof it !== "function") || it === null || seen.has(it)) return;
    seen.add(it);
    if (!ArrayBuffer.isView(it)) Object.freeze(it); // a view's elements cannot be
    reach(Object.getPrototypeOf(it));
    for (const key of Reflect.ownKeys(it)) {
      const property = Object.getOwnPropertyDescriptor(it, key);
      reach(property?.value);
      reach(property?.get);
      reach(property?.set);
    }
  };
  for (const key of Reflect.ownKeys(globalThis))
    if (key !== "globalThis") reach(Reflect.get(globalThis, key));
  // What no name leads to.
  for (const it of [
    async () => {},
    (function* () {})(),
    (async function* () {})(),
    [].values(),
    ""[Symbol.iterator](),
    new Map().keys(),
    new Set().keys(),
    "".matchAll(/x/g),
  ])
    reach(Object.getPrototypeOf(it));
}
