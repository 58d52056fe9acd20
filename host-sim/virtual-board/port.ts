import { Receivers, type Wire, WireError } from "../../provision/wire.js";

/** Levels that a host drives; true: asserted, which is the low level on a board's pins. */
export interface Signals {
  readonly dtr: boolean;
  readonly rts: boolean;
}

/** The board's end of a serial line. */
export interface PortSide {
  /** Bytes from the host, never from inside a call of `write`. Called once, by whoever owns the wire. */
  onData(handler: (data: Uint8Array) => void): void;
  /** Bytes to the host; lost where nobody has the port open. Copied before it returns. */
  write(bytes: Uint8Array): void;
  /** Missing where the adapter has no such lines (a pty). */
  onSignals?(handler: (signals: Signals) => void): void;
  /** Pulls the cable: whoever has the port open loses it. */
  cut(): void;
  /** Resolves when the cable is pulled or the port closed for good. */
  readonly gone: Promise<void>;
}

/** Several ports of one board, for instance a pty and a TCP port, as one. What the board says goes to all. */
export function joinPorts(sides: readonly PortSide[]): PortSide {
  return {
    onData(handler) {
      for (const side of sides) side.onData(handler);
    },
    write(bytes) {
      for (const side of sides) side.write(bytes);
    },
    onSignals(handler) {
      for (const side of sides) side.onSignals?.(handler);
    },
    cut() {
      for (const side of sides) side.cut();
    },
    gone: Promise.all(sides.map(({ gone }) => gone)).then(() => {}),
  };
}

/** A board's port and the tool's wire to it, in memory. Bytes arrive a turn of the event loop later. */
export function createMemoryPort(name = "memory"): { readonly side: PortSide; readonly wire: Wire } {
  const receivers = new Receivers();
  let toBoard = (_: Uint8Array) => {};
  let signalled = (_: Signals) => {};
  let signals: Signals = { dtr: false, rts: false };
  let isOpen = true;
  let end = () => {};
  const gone = new Promise<void>((resolve) => {
    end = resolve;
  });
  const close = () => {
    isOpen = false;
    receivers.clear();
    end();
  };
  const later = (call: () => void) => setImmediate(() => isOpen && call());
  const side: PortSide = {
    onData(handler) {
      toBoard = handler;
    },
    write(bytes) {
      const copy = bytes.slice();
      later(() => receivers.received(copy));
    },
    onSignals(handler) {
      signalled = handler;
    },
    cut: close,
    gone,
  };
  const wire: Wire = {
    name,
    async write(data) {
      if (!isOpen) throw new WireError("closed", `${name}: the cable was pulled`);
      const copy = data.slice();
      later(() => toBoard(copy));
    },
    receive: (handler) => receivers.add(handler),
    async setBaud() {},
    async setSignals({ dataTerminalReady: dtr = signals.dtr, requestToSend: rts = signals.rts }) {
      signals = { dtr, rts };
      signalled(signals);
    },
    async close() {
      close();
    },
    closed: gone,
  };
  return { side, wire };
}
