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
  /** How many sessions and publications its manners met. */
  spoiled(): number;
  close(): void;
}

/** What else may be wrong with boards' sessions, which are those with a last will; others go through. */
export interface Manners {
  /** MQTT 5's reason for refusing each of them (§3.2.2.2). */
  readonly refuses?: number;
  /** What each of them gets in the place of CONNACK, before the connection ends. */
  readonly says?: Uint8Array;
  /** What becomes of their publications: no answer, or the end of the connection. */
  readonly publication?: "ignored" | "hangs up";
}

const WILL = 0x04;
const WILL_RETAIN = 0x20;

/** First four bits of a PUBLISH (MQTT 3.1.1 §2.2.1). */
const PUBLISH = 3;

/** A door before a broker: hangs up without a word where it does not like how a client asks, and has bad manners otherwise. */
export async function openDoor(
  port: number,
  likes: (asked: Asked) => boolean,
  { refuses, says, publication }: Manners = {},
): Promise<Door> {
  let spoiled = 0;
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
        spoiled++;
        client.destroy();
        return;
      }
      // CONNACK without properties.
      const answer = refuses === undefined ? says : Uint8Array.of(0x20, 3, 0, refuses, 0);
      if (one.hasWill && answer !== undefined) {
        spoiled++;
        client.end(answer);
        return;
      }
      const broker = connect(port, "127.0.0.1");
      sockets.add(broker);
      broker.on("error", () => client.destroy());
      broker.write(bytes);
      broker.pipe(client);
      if (!one.hasWill || publication === undefined) {
        client.pipe(broker);
        return;
      }
      let isOver = false;
      client.on("close", () => broker.destroy());
      client.on("data", (bytes: Buffer) => {
        if ((bytes[0] as number) >> 4 === PUBLISH) {
          isOver = true;
          spoiled++;
          if (publication === "hangs up") client.destroy();
        }
        if (!isOver) broker.write(bytes);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    spoiled: () => spoiled,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
