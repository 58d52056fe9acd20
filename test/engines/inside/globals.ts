/** What neither engine has of itself, and the tests or chai ask for. Imported before all else in a bundle. */
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

Object.assign(globalThis, {
  setTimeout: noTimer,
  clearTimeout: noTimer,
  Function: NoParser,
  EventTarget: NoEvents,
  Event: class {},
  TextEncoder: Utf8Encoder,
  TextDecoder: Utf8Decoder,
});
