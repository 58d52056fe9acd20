import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What an MQTT CONNECT asks for (MQTT 3.1.1 §3.1.2). */
export interface Asked {
  readonly version: number;
  readonly hasWill: boolean;
  readonly isWillRetained: boolean;
}

export interface Door {
  readonly url: string;
  /** All that were asked for, in order. */
  readonly asked: readonly Asked[];
  close(): void;
}

const WILL = 0x04;
const WILL_RETAIN = 0x20;

/** A door before a broker: hangs up without a word where it does not like how a client asks. */
export async function openDoor(port: number, likes: (asked: Asked) => boolean): Promise<Door> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on("error", () => {});
    client.once("data", (bytes) => {
      const flags = bytes.indexOf("MQTT") + "MQTT".length;
      const how = bytes[flags + 1] as number;
      const one = {
        version: bytes[flags] as number,
        hasWill: (how & WILL) !== 0,
        isWillRetained: (how & WILL_RETAIN) !== 0,
      };
      asked.push(one);
      if (!likes(one)) {
        client.destroy();
        return;
      }
      const broker = connect(port, "127.0.0.1");
      sockets.add(broker);
      broker.on("error", () => client.destroy());
      broker.write(bytes);
      broker.pipe(client).pipe(broker);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
