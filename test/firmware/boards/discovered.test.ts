import { expect, test } from "@jest/globals";
import type { FoundBroker } from "../../../agent/ports/discovery.js";
import type { Broker } from "../../../agent/settings/broker.js";
import { loadFirmware } from "./board.js";

const { brokerOf } = loadFirmware<{
  brokerOf(found: FoundBroker, certificate: Uint8Array | undefined): Broker | undefined;
}>("discovered.ts", {});

const certificate = Uint8Array.of(0x30);
const found = (tls: boolean): FoundBroker => ({
  name: "barn",
  host: "barn.local",
  address: "192.0.2.1",
  port: 1,
  tls,
});

test.each<[string, FoundBroker, Uint8Array | undefined, Broker | undefined]>([
  ["a plain one by its address", found(false), undefined, { host: "192.0.2.1", port: 1 }],
  ["a plain one is not pinned", found(false), certificate, { host: "192.0.2.1", port: 1 }],
  ["one by TLS by its name, pinned", found(true), certificate, { host: "barn.local", port: 1, certificate }],
  ["one by TLS that nothing pins is not used", found(true), undefined, undefined],
])("%s", (_, broker, pinned, wanted) => {
  expect(brokerOf(broker, pinned)).toEqual(wanted);
});
