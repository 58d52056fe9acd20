import { describe, expect, test } from "@jest/globals";
import type { Serial, SerialHandler } from "../../agent/ports/serial.js";

export interface SerialBinding {
  readonly serial: Serial;
  /** Resolves when the bytes are on the wire to the serial. */
  send(bytes: Uint8Array): Promise<void>;
  /** Resolves when the wire's other end got so many bytes since the last call, with them. */
  take(count: number): Promise<Uint8Array>;
  /** The wire is gone. */
  cut(): Promise<void>;
  close(): Promise<void>;
}

/** Keeps all that a serial tells. */
class Ear implements SerialHandler {
  readonly heard: number[] = [];
  readonly reasons: string[] = [];
  calls = 0;
  onReceived: (() => void) | undefined;
  readonly #waiting = new Set<() => void>();

  received(data: Uint8Array): void {
    this.calls++;
    this.heard.push(...data);
    data.fill(0); // the port's own: it must not care
    this.onReceived?.();
    for (const look of this.#waiting) look();
  }

  closed(reason: string): void {
    this.calls++;
    this.reasons.push(reason);
    for (const look of this.#waiting) look();
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);
const HELLO = Uint8Array.of(10, 73, 77, 80);

/** What agent/ports/serial.ts promises, as far as a caller can see it. `make` gives one whose wire is there, not opened. */
export function describeSerial(name: string, make: () => Promise<SerialBinding>): void {
  describe(`serial: ${name}`, () => {
    const check = (title: string, body: (binding: SerialBinding) => Promise<void>) =>
      test(title, async () => {
        const binding = await make();
        try {
          await body(binding);
        } finally {
          binding.serial.close();
          await binding.close();
        }
      });

    /** Open for certain: a byte came through. */
    async function opened({ serial, take }: SerialBinding): Promise<Ear> {
      const ear = new Ear();
      serial.open(ear);
      serial.write(Uint8Array.of(33));
      expect([...(await take(1))]).toEqual([33]);
      return ear;
    }

    check("every byte value arrives, unchanged and in order", async (binding) => {
      const ear = await opened(binding);
      await binding.send(ALL_BYTES);
      await ear.until(() => ear.heard.length >= 256);
      expect(ear.heard).toEqual([...ALL_BYTES]);
    });

    check("every byte value is sent, unchanged and in order", async (binding) => {
      await opened(binding);
      binding.serial.write(ALL_BYTES);
      expect([...(await binding.take(256))]).toEqual([...ALL_BYTES]);
    });

    check("what is written is copied, and may be a part of a buffer", async (binding) => {
      await opened(binding);
      const data = Uint8Array.of(9, ...HELLO, 9);
      binding.serial.write(data.subarray(1, 5));
      data.fill(0);
      expect([...(await binding.take(4))]).toEqual([...HELLO]);
    });

    check("writes of one moment arrive one after the other", async (binding) => {
      await opened(binding);
      for (let i = 0; i < 10; i++) binding.serial.write(new Uint8Array(100).fill(i));
      const got = await binding.take(1000);
      expect(got.findIndex((byte, at) => byte !== Math.floor(at / 100))).toBe(-1);
    });

    check("too much at once loses whole writes, and no part of one", async (binding) => {
      await opened(binding);
      for (let i = 0; i < 200; i++) binding.serial.write(new Uint8Array(100).fill(i));
      const first = await binding.take(100);
      expect([...first]).toEqual(new Array(100).fill(0));
      let last = 0;
      for (;;) {
        binding.serial.write(new Uint8Array(100).fill(255));
        const next = await binding.take(100);
        expect(next.every((byte) => byte === next[0])).toBe(true);
        if (next[0] === 255) break;
        expect(next[0]).toBeGreaterThan(last);
        last = next[0] as number;
      }
    });

    check("nothing is called from inside of open, write or close", async ({ serial, send }) => {
      const ear = new Ear();
      await send(HELLO);
      serial.open(ear);
      serial.write(HELLO);
      serial.close();
      expect(ear.calls).toBe(0);
    });

    check("nothing is called after close, and it can be opened again", async (binding) => {
      const ear = await opened(binding);
      binding.serial.close();
      const again = await opened(binding);
      await binding.send(HELLO);
      await again.until(() => again.heard.length >= HELLO.length);
      expect(again.heard).toEqual([...HELLO]);
      expect(ear.calls).toBe(0);
    });

    check("it may be closed and opened again from inside of received", async (binding) => {
      const { serial, send, take } = binding;
      const ear = await opened(binding);
      const again = new Ear();
      ear.onReceived = () => {
        serial.write(HELLO); // lost, or not: it is closed at once
        serial.close();
        serial.open(again);
        serial.write(Uint8Array.of(34));
      };
      await send(Uint8Array.of(1));
      while ((await take(1))[0] !== 34);
      await send(Uint8Array.of(2));
      await again.until(() => again.heard.length > 0);
      expect([ear.heard, again.heard]).toEqual([[1], [2]]);
    });

    check("close is harmless where it is not open, also twice; a write there is lost", async ({ serial }) => {
      serial.close();
      serial.write(HELLO);
      serial.close();
      serial.close();
    });

    check("a wire that is gone is told once, with a reason", async (binding) => {
      const ear = await opened(binding);
      await binding.cut();
      await ear.until(() => ear.reasons.length > 0);
      binding.serial.write(HELLO);
      expect(ear.reasons).toHaveLength(1);
      expect(ear.reasons[0]?.length).toBeGreaterThan(0);
    });
  });
}
