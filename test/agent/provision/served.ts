import type { Clock } from "../../../agent/ports/clock.js";
import { createProvisioning, type ProvisioningServer } from "../../../agent/provision/server.js";
import { createMemoryPort } from "../../../host-sim/virtual-board/port.js";
import { PortSerial, type Receiver } from "../../../host-sim/virtual-board/serial.js";
import { createSystemClock } from "../../../node/ports/clock.js";
import { random } from "../../../node/ports/random.js";
import type { Wire } from "../../../provision/wire.js";
import { RecordedHost } from "./recorded-host.js";

export interface Served {
  readonly host: RecordedHost;
  readonly server: ProvisioningServer;
  readonly wire: Wire;
  /** All that the board has said. */
  said(): Uint8Array;
  /** What else is on the board's console. */
  log(text: string | Uint8Array): void;
}

/** A server and the wire to it, in memory. */
export function serve(host = new RecordedHost(), clock: Clock = createSystemClock(), open = 60_000): Served {
  const { side, wire } = createMemoryPort();
  const said: Uint8Array[] = [];
  let receiver: Receiver | undefined;
  side.onData((data) => receiver?.(data));
  const write = (bytes: Uint8Array) => {
    said.push(bytes.slice());
    side.write(bytes);
  };
  const serial = new PortSerial({ write }, (other) => {
    receiver = other;
  });
  const server = createProvisioning({ serial, host, signer: host.signer, store: host.store, clock, random });
  server.open(open);
  return {
    host,
    server,
    wire,
    said: () => Buffer.concat(said),
    log: (text) => write(typeof text === "string" ? Buffer.from(text) : text),
  };
}
