import { connect, createServer, type Server, type Socket } from "node:net";

/** What becomes of a chunk that goes to the device or comes from it; `record` counts those from the broker since the connection began. */
export interface Tampering {
  readonly toDevice?: (chunk: Buffer, number: number) => Buffer;
  readonly toBroker?: (chunk: Buffer, number: number) => Buffer;
}

export interface Interloper {
  readonly port: number;
  close(): Promise<void>;
}

/** Stands before a broker, spoils the first connection as it is told, and leaves the others alone. */
export async function startProxy(target: number, tampering: Tampering): Promise<Interloper> {
  let isFirst = true;
  const sockets = new Set<Socket>();
  const server = createServer((device) => {
    const { toDevice, toBroker } = isFirst ? tampering : ({} as Tampering);
    isFirst = false;
    const broker = connect(target, "127.0.0.1");
    pass(broker, device, toDevice);
    pass(device, broker, toBroker);
    for (const socket of [device, broker]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
  });
  return listen(server, sockets);
}

function pass(from: Socket, to: Socket, change: Tampering["toDevice"]): void {
  let count = 0;
  from.on("data", (chunk: Buffer) => to.write(change === undefined ? chunk : change(chunk, count++)));
  from.on("close", () => to.end());
}

/**
 * A broker of a few lines: takes any CONNECT, and says `answer` after it the first time, or `piece` bytes of it at a time; then it acknowledges
 * like a good one.
 */
export async function startHostileBroker(answer: Buffer, piece = answer.length): Promise<Interloper> {
  let isFirst = true;
  const sockets = new Set<Socket>();
  const server = createServer((device) => {
    const isHostile = isFirst;
    isFirst = false;
    sockets.add(device);
    device.on("error", () => device.destroy());
    let pending = Buffer.alloc(0);
    device.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (;;) {
        const packet = packetOf(pending);
        if (packet === undefined) return;
        pending = pending.subarray(packet.length);
        const type = (packet.whole[0] as number) >> 4;
        if (type === CONNECT) sayInPieces(device, isHostile ? answer : CONNACK, piece);
        if (type === PUBLISH) device.write(Buffer.concat([Buffer.of(0x40, 2), packet.id]));
      }
    });
  });
  return listen(server, sockets);
}

function sayInPieces(device: Socket, answer: Buffer, piece: number): void {
  device.setNoDelay(true);
  device.write(answer.subarray(0, piece));
  const rest = answer.subarray(piece);
  if (rest.length > 0) setImmediate(() => sayInPieces(device, rest, piece));
}

const CONNECT = 1;
const PUBLISH = 3;
export const CONNACK = Buffer.of(0x20, 2, 0, 0);

/** The first packet of MQTT 3.1.1, where it is all there; `id`: of a PUBLISH at QoS 1. */
function packetOf(bytes: Buffer): { whole: Buffer; length: number; id: Buffer } | undefined {
  let length = 0;
  let at = 1;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    if (byte === undefined) return undefined;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (bytes.length < at + length) return undefined;
  const topic = bytes.length > at + 1 ? bytes.readUInt16BE(at) : 0;
  return {
    whole: bytes.subarray(0, at + length),
    length: at + length,
    id: bytes.subarray(at + 2 + topic, at + 4 + topic),
  };
}

async function listen(server: Server, sockets: Set<Socket>): Promise<Interloper> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
