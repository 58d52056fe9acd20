import { expect } from "@jest/globals";
import type { Load } from "./load.js";
import type { TestWitness } from "./witness.js";

export const isRunning = ({ state }: { state: string }) => state === "running";

/** All that was published is in the witness, once, and nothing else; each frame judged as it deserves. */
export async function expectAll(witness: TestWitness, load: Load): Promise<void> {
  await witness.until(({ frames, waiting }) => frames >= load.published.size && waiting === 0);
  expect((await witness.state()).frames).toBe(load.published.size);
  const shown = new Set<string>();
  const verdicts: Record<string, number> = {};
  for (const { kid } of load.devices)
    for (const { bytes, verdict } of await witness.frames(kid)) {
      shown.add(bytes);
      verdicts[`${verdict}`] = (verdicts[`${verdict}`] ?? 0) + 1;
    }
  expect(verdicts).toEqual({ ok: load.published.size });
  expect([...load.published].filter((frame) => !shown.has(frame))).toEqual([]);
}

/** No epoch has two inventories. */
export function expectOneInventoryEach(witness: TestWitness): void {
  const [first, ...rest] = witness.entries();
  expect(first?.kind).toBe("witness");
  const epochs = rest.map((entry) => (entry?.kind === "inventory" ? entry.epoch : undefined));
  expect(epochs).toEqual([...new Set(epochs)].sort((a = 0, b = 0) => a - b));
  expect(epochs.length).toBeGreaterThan(0);
}
