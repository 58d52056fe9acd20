import type { AddressInfo, Socket } from "node:net";
import { createServer } from "node:net";
import { Aedes } from "aedes";
import { type BrokerAddress, parseBrokerUrl } from "../../node/mqtt/broker-address.js";

export interface EmbeddedBroker {
  readonly address: BrokerAddress;
  close(): Promise<void>;
}

/** An MQTT 3.1.1 broker (aedes) in this process, on a free port of this machine only. */
export async function startEmbeddedBroker(): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle as (socket: Socket) => void);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: parseBrokerUrl(`mqtt://127.0.0.1:${port}`),
    async close() {
      await new Promise<void>((resolve) => broker.close(resolve));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
