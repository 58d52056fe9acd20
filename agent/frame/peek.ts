import { CborReader } from "../cbor/reader.js";

export interface FrameAge {
  readonly boot: number;
  /** Seconds since boot at the pack's base time. */
  readonly uptime: number;
}

/** What a device's own frame says of its age. Throws CborError for what is no frame; nothing else of it is checked. */
export function peekAge(frame: Uint8Array): FrameAge {
  const reader = new CborReader(frame);
  reader.tag();
  reader.array();
  reader.enter();
  reader.map();
  reader.int(); // alg
  reader.int();
  reader.int(); // content type
  reader.int();
  reader.int(); // kid
  reader.bytes();
  reader.int(); // CWT claims
  reader.map();
  reader.int();
  reader.text();
  reader.int(); // chain
  reader.array();
  const boot = reader.uint();
  reader.uint();
  reader.bytes();
  return { boot, uptime: reader.uint() };
}
