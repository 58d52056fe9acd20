import { join } from "node:path";
import type { Page } from "playwright-core";
import type { PortSide, Signals } from "../../../../host-sim/virtual-board/port.js";

/** A port that the person at the page may pick, and the board's end of its cable. */
export class BridgedPort {
  /** Another program has it. */
  isBusy = false;
  /** Bytes that the page has sent. */
  readonly sent: number[] = [];
  /** Called with how many bytes the page has sent, before they reach the board; false pulls the cable. */
  holds: (sent: number) => boolean = () => true;
  #toBoard = (_: Uint8Array) => {};
  #signalled = (_: Signals) => {};
  #signals: Signals = { dtr: false, rts: false };
  #isOpen = false;
  #isPulled = false;
  #waiting: ((bytes: readonly number[] | "lost" | "cancelled") => void) | undefined;
  #pending: number[] = [];

  /** For startBoard. */
  readonly side: PortSide = {
    onData: (handler) => {
      this.#toBoard = handler;
    },
    write: (bytes) => {
      if (!this.#isOpen) return;
      for (const byte of bytes) this.#pending.push(byte);
      this.#deliver();
    },
    onSignals: (handler) => {
      this.#signalled = handler;
    },
    cut: () => this.pull(),
    gone: new Promise(() => {}),
  };

  pull(): void {
    this.#isPulled = true;
    this.#answerRead("lost");
  }

  plugIn(): void {
    this.#isPulled = false;
    this.#isOpen = false;
    this.#pending = [];
    this.holds = () => true;
  }

  /** What the page's script asks: fake-serial.js. */
  async answer(what: string, value: unknown): Promise<unknown> {
    if (what === "open") return this.#open();
    if (what === "read") return await this.#read();
    if (what === "write") return this.#write(value as readonly number[]);
    if (what === "cancel") this.#answerRead("cancelled");
    else if (what === "close") this.#isOpen = false;
    else {
      const { dataTerminalReady: dtr, requestToSend: rts } = value as {
        dataTerminalReady?: boolean;
        requestToSend?: boolean;
      };
      this.#signals = { dtr: dtr ?? this.#signals.dtr, rts: rts ?? this.#signals.rts };
      this.#signalled(this.#signals);
    }
    return undefined;
  }

  #open(): boolean {
    if (this.isBusy || this.#isPulled) return false;
    this.#isOpen = true;
    this.#pending = [];
    return true;
  }

  #read(): Promise<unknown> | "lost" {
    if (this.#isPulled) return "lost";
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#deliver();
    });
  }

  #write(bytes: readonly number[]): boolean {
    if (!this.#isPulled && !this.holds(this.sent.length + bytes.length)) this.pull();
    if (this.#isPulled) return false;
    for (const byte of bytes) this.sent.push(byte);
    this.#toBoard(Uint8Array.from(bytes));
    return true;
  }

  #deliver(): void {
    if (this.#waiting !== undefined && this.#pending.length > 0) this.#answerRead(this.#pending.splice(0));
  }

  #answerRead(bytes: readonly number[] | "lost" | "cancelled"): void {
    this.#waiting?.(bytes);
    this.#waiting = undefined;
  }
}

/** Gives the page Web Serial. `pick` says which port the person picks, or undefined where they pick none. */
export async function bridgeSerial(page: Page, pick: () => BridgedPort | undefined): Promise<void> {
  const ports: BridgedPort[] = [];
  await page.exposeFunction("serialBridge", async (what: string, id?: number, value?: unknown) => {
    if (what !== "pick") return await ports[id as number]?.answer(what, value);
    const port = pick();
    if (port === undefined) return null;
    if (!ports.includes(port)) ports.push(port);
    return { id: ports.indexOf(port), info: { usbVendorId: 0x10c4, usbProductId: 0xea60 } };
  });
  await page.addInitScript({ path: join(__dirname, "fake-serial.js") });
}
