import { createDiscovery } from "../../node/ports/discovery.js";
import { describeDiscovery } from "./discovery.js";
import { freePort, LOOPBACK, Responder } from "./discovery-link.js";

describeDiscovery("multicast, on the loopback interface", async (scope) => {
  const port = await freePort();
  const link = new Responder(port);
  await link.ready();
  const discovery = createDiscovery({ scope, interface: LOOPBACK, port });
  let isListening: Promise<void>;
  return {
    discovery: {
      start(found) {
        isListening = link.asked(link.queries.length);
        discovery.start(found);
      },
      stop: discovery.stop,
    },
    async deliver(packet, isStranger) {
      await isListening;
      await link.sendBytes(packet, isStranger);
    },
    close: () => link.close(),
  };
});
