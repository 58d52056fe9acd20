import { expect, test } from "@jest/globals";
import { createMqttLink } from "../../host-sim/ports/link.js";
import { startMosquitto } from "../support/mosquitto.js";

test("a publication after the session's end is nobody's: boards on XS hear of it later than they may publish", async () => {
  const broker = await startMosquitto();
  const link = createMqttLink(broker.url, "late");
  let closed = () => {};
  const over = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const acknowledged: number[] = [];
  await new Promise<void>((resolve) =>
    link.open({ opened: resolve, acknowledged: (id) => acknowledged.push(id), closed: () => closed() }),
  );
  await broker.stop();
  await over;
  expect(() => link.publish(1, "a", Uint8Array.of(1), false)).not.toThrow();
  link.close();
  expect(acknowledged).toEqual([]);
});
