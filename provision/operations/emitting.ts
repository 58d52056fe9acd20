import type { Operation, OperationEvent } from "../events.js";

/**
 * An operation made of work that calls back: `emit` takes events, which come out in order. Progress that nobody has taken yet
 * is replaced by later progress of the same step, so that what waits stays short.
 */
export async function* emitting<T>(
  work: (emit: (event: OperationEvent) => void) => Promise<T>,
): Operation<T> {
  const waiting: OperationEvent[] = [];
  let wake = () => {};
  let isOver = false;
  const result = work((event) => {
    const last = waiting.at(-1);
    if (event.type === "progress" && last?.type === "progress" && last.step === event.step) waiting.pop();
    waiting.push(event);
    wake();
  }).finally(() => {
    isOver = true;
    wake();
  });
  result.catch(() => {}); // it is taken below, perhaps never where the consumer leaves
  for (;;) {
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) yield event;
    if (isOver) return await result;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}
