import Digital from "embedded:io/digital";
import { uptime } from "../ports/native.js";
import type { PulseSource } from "./pulse-counter.js";

interface EdgeCountOptions {
  readonly pin: number;
  /** "falling" (a contact to ground; the default) or "rising". */
  readonly edge?: "falling" | "rising";
  /** Milliseconds after an edge in which further ones are a contact's bouncing. Default 20. */
  readonly debounce?: number;
}

const DEBOUNCE = 20;

/**
 * Pulses of one wire, counted from a digital input's interrupts. The SDK's PulseCount cannot: on ESP32 it counts a rising edge as
 * -1 and a falling one as +1, made for two wires (quadrature), and an ESP32-C3 has no such hardware.
 * Edges that come while the machine is busy count as one: for contacts that close less often than the longest such time, about 10 Hz.
 */
export class EdgeCount implements PulseSource {
  readonly #input: Digital;
  readonly #debounce: number;
  #count = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor({ pin, edge = "falling", debounce = DEBOUNCE }: EdgeCountOptions) {
    this.#debounce = debounce;
    const isFalling = edge === "falling";
    this.#input = new Digital({
      pin,
      mode: isFalling ? Digital.InputPullUp : Digital.InputPullDown,
      edge: isFalling ? Digital.Falling : Digital.Rising,
      onReadable: () => this.seen(),
    });
  }

  read(): number {
    return this.#count;
  }

  close(): void {
    this.#input.close();
  }

  private seen(): void {
    const now = uptime();
    if (now - this.#last >= this.#debounce) this.#count++;
    // From the last edge, not from the counted one: a contact may bounce for longer than that.
    this.#last = now;
  }
}
