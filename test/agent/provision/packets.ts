import { type CborValue, encodeCbor } from "../../../agent/cbor/value.js";
import { CborWriter } from "../../../agent/cbor/writer.js";
import { FIELDMARK, FRAGMENT_BYTES } from "../../../agent/provision/exchange.js";
import { PacketWriter, RPC_COMMAND } from "../../../agent/provision/improv.js";

const utf8 = (text: string) => new TextEncoder().encode(text);

/** An RPC command as tools send it, without line feeds. */
export function rpc(command: number, body: Uint8Array | readonly number[] = []): Uint8Array {
  const writer = new PacketWriter();
  writer.begin(RPC_COMMAND);
  writer.byte(command);
  writer.byte(body.length);
  writer.bytes(Uint8Array.from(body));
  return writer.finish().slice(1, -1);
}

export function wifiSettings(ssid: string, password: string): Uint8Array {
  const [name, secret] = [utf8(ssid), utf8(password)];
  return rpc(1, [name.length, ...name, secret.length, ...secret]);
}

/** One of Fieldmark's commands, in as many packets as it takes. */
export function fieldmark(command: number, serial: number, value?: CborValue): Uint8Array[] {
  const writer = new CborWriter(new Uint8Array(8192));
  if (value !== undefined) encodeCbor(value, writer);
  const body = writer.buffer.slice(0, writer.offset);
  const count = Math.max(1, Math.ceil(body.length / FRAGMENT_BYTES));
  return Array.from({ length: count }, (_, index) => {
    const part = body.subarray(index * FRAGMENT_BYTES, (index + 1) * FRAGMENT_BYTES);
    return rpc(FIELDMARK, [command, serial, index, count, ...part]);
  });
}

const BEGINNING = utf8("IMPROV\u0001\u0003");

/** Sets, in place, the lengths that the packet in the first `length` bytes says, and its checksum, to what it has. */
export function mended(bytes: Uint8Array, length: number): Uint8Array {
  const end = Math.min(length, 9 + 255 + 1) - 1;
  if (end < 11) return bytes.subarray(0, length);
  bytes.set(BEGINNING);
  bytes[8] = end - 9;
  bytes[10] = end - 11;
  let sum = 0;
  for (let i = 0; i < end; i++) sum += bytes[i] as number;
  bytes[end] = sum;
  return bytes.subarray(0, end + 1);
}
