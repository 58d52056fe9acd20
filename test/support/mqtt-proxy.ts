import { connect, createServer, type Server, type Socket } from "node:net";
import { type Packet, parser } from "mqtt-packet";

/** Stands between a broker and its subscriber, and sees what the subscriber acknowledged. */
export interface MqttProxy {
  readonly port: number;
  /** Payloads that were acknowledged (PUBACK), in base64, in order; those of two sessions may repeat. */
  readonly acknowledged: readonly string[];
  /** Ends all connections, and refuses more until `join`. */
  cut(): void;
  join(): void;
  close(): Promise<void>;
}

export async function startMqttProxy(broker: number): Promise<MqttProxy> {
  const acknowledged: string[] = [];
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((subscriber) => {
    if (isCut) return void subscriber.destroy();
    const upstream = connect(broker, "127.0.0.1");
    const owed = new Map<number, string>();
    follow(upstream, subscriber, (packet) => {
      if (packet.cmd === "publish" && packet.qos === 1)
        owed.set(packet.messageId as number, Buffer.from(packet.payload).toString("base64"));
    });
    follow(subscriber, upstream, (packet) => {
      const payload = packet.cmd === "puback" ? owed.get(packet.messageId as number) : undefined;
      if (payload !== undefined) acknowledged.push(payload);
    });
  });
  function follow(from: Socket, to: Socket, see: (packet: Packet) => void): void {
    sockets.add(from);
    const packets = parser();
    packets.on("packet", see);
    packets.on("error", () => from.destroy());
    from.on("data", (bytes) => {
      packets.parse(bytes);
      to.write(bytes);
    });
    from.on("error", () => {});
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const proxy: MqttProxy = {
    port: typeof address === "object" && address !== null ? address.port : 0,
    acknowledged,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    join() {
      isCut = false;
    },
    async close() {
      proxy.cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
