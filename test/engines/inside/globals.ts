/** What neither engine has of itself, and the tests or chai ask for. Imported before all else in a bundle. */
import { hex } from "../../../agent/frame/kid.js";
import { Utf8Decoder, Utf8Encoder } from "./utf8.js";

/** chai's plugins may listen to its events; here nobody does. */
class NoEvents {
  addEventListener(): void {}
  dispatchEvent(): boolean {
    return true;
  }
}

/** A board has no parser: who asks for one on XS is ended, where on V8 he gets it. Here he is told, on both. */
const NoParser = Object.assign(
  () => {
    throw new EvalError("no parser");
  },
  { prototype: Function.prototype },
);

/** fast-check takes these at its start, for properties that are asynchronous. */
const noTimer = () => {
  throw new Error("no timers in a turn");
};

/** What the witness, which is Node's, makes of a Buffer: bytes in hex, and in a text of a character a byte. */
class HexBuffer {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  static from(buffer: ArrayBuffer | string, at: number | string, length = 0): HexBuffer | Uint8Array {
    if (typeof buffer === "string")
      return Uint8Array.from([...buffer], (character) => character.charCodeAt(0));
    return new HexBuffer(new Uint8Array(buffer, at as number, length));
  }

  toString(encoding: string): string {
    if (encoding === "hex") return hex(this.#bytes);
    if (encoding !== "latin1") throw new RangeError(`no Buffer in ${encoding}`);
    return [...this.#bytes].map((byte) => String.fromCharCode(byte)).join("");
  }
}

Object.assign(globalThis, {
  Buffer: HexBuffer,
  setTimeout: noTimer,
  clearTimeout: noTimer,
  Function: NoParser,
  EventTarget: NoEvents,
  Event: class {},
  TextEncoder: Utf8Encoder,
  TextDecoder: Utf8Decoder,
});
