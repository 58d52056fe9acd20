// Runs in the page before its own script: Web Serial as the browser has it, with the ports of serial-bridge.ts behind it.
(() => {
  const ask = (...args) => globalThis.serialBridge(...args);

  class FakePort extends EventTarget {
    readable = null;
    writable = null;
    #id;
    #info;
    #isOpen = false;

    constructor({ id, info }) {
      super();
      this.#id = id;
      this.#info = info;
    }

    getInfo() {
      return this.#info;
    }

    async open({ baudRate }) {
      if (this.#isOpen) throw new DOMException("The port is already open.", "InvalidStateError");
      if (!(await ask("open", this.#id, baudRate)))
        throw new DOMException("Failed to open serial port.", "NetworkError");
      this.#isOpen = true;
      const lost = () => new DOMException("The device has been lost.", "NetworkError");
      this.readable = new ReadableStream({
        pull: async (controller) => {
          const bytes = await ask("read", this.#id);
          if (bytes === "cancelled") return;
          if (bytes !== "lost") return controller.enqueue(Uint8Array.from(bytes));
          this.readable = null;
          controller.error(lost());
        },
        cancel: () => ask("cancel", this.#id),
      });
      this.writable = new WritableStream({
        write: async (data) => {
          if (!(await ask("write", this.#id, [...data]))) throw lost();
        },
      });
    }

    async setSignals({ dataTerminalReady, requestToSend }) {
      await ask("signals", this.#id, { dataTerminalReady, requestToSend });
    }

    async close() {
      if (!this.#isOpen) throw new DOMException("The port is already closed.", "InvalidStateError");
      if (this.readable?.locked || this.writable?.locked) throw new TypeError("Cannot close a locked stream");
      this.#isOpen = false;
      this.readable = null;
      this.writable = null;
      await ask("close", this.#id);
    }

    async forget() {}
  }

  const ports = new Map();
  const serial = new EventTarget();
  serial.getPorts = async () => [...ports.values()];
  serial.requestPort = async () => {
    const picked = await ask("pick");
    if (picked === null) throw new DOMException("No port selected by the user.", "NotFoundError");
    if (!ports.has(picked.id)) ports.set(picked.id, new FakePort(picked));
    return ports.get(picked.id);
  };
  Object.defineProperty(navigator, "serial", { value: serial, configurable: true });
})();
