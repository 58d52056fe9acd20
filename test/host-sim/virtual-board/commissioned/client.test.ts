import { afterEach, describe, expect, test } from "@jest/globals";
import { readStatement } from "../../../../agent/provision/read-statement.js";
import { signatureChecker } from "../../../../node/ports/signer.js";
import { BoardClient } from "../../../../provision/board-client.js";
import { RecordedHost, WIFI_PASSWORD } from "../../../agent/provision/recorded-host.js";
import { type Served, serve } from "../../../agent/provision/served.js";

let served: Served | undefined;
afterEach(async () => {
  served?.server.close();
  await served?.wire.close();
});

function start(host?: RecordedHost) {
  served = serve(host);
  return { ...served, client: new BoardClient(served.wire, { timeout: 1000 }) };
}

describe("the standard's commands", () => {
  test("state, info, scan, wifi, names", async () => {
    const { client, host } = start();
    expect(await client.state()).toEqual({ state: "ready" });
    expect(await client.info()).toEqual({
      firmware: "fieldmark",
      version: "0.1.0",
      chip: "ESP32-C3",
      name: "Fieldmark",
    });
    expect(await client.scan()).toEqual(host.networks);
    await expect(client.wifi("field", "wrong")).rejects.toMatchObject({ code: "unable-to-connect" });
    host.url = "http://x";
    expect(await client.wifi("field", WIFI_PASSWORD)).toBe("http://x");
    expect(await client.state()).toEqual({ state: "provisioned", url: "http://x" });
    expect(await client.hostname("ridge-1")).toBe("ridge-1");
    await expect(client.hostname("-")).rejects.toMatchObject({ code: "bad-hostname" });
    expect(await client.name("Grat")).toBe("Grat");
  });
});

describe("Fieldmark's commands", () => {
  test("identity: a statement over the challenge", async () => {
    const { client, host } = start();
    const challenge = Uint8Array.from({ length: 32 }, (_, i) => i);
    const { did, publicKey, statement } = await client.identity(challenge);
    const read = readStatement(statement, signatureChecker);
    const { device: _, ...identity } = host.identity;
    const nobody = { owner: new Uint8Array(0), ownership: new Uint8Array(0) };
    expect(read.session).toHaveLength(8);
    const { session } = read;
    expect(read).toEqual({ ...identity, ...nobody, session, publicKey: host.signer.publicKey, challenge });
    expect({ did, publicKey }).toEqual({ did: read.did, publicKey: read.publicKey });
  });

  test("settings of several packets are stored whole", async () => {
    const { client, host } = start();
    const brokers = Array.from({ length: 12 }, (_, i) => ({
      host: `broker-${i}.example.org`,
      user: "u",
      password: "p".repeat(30),
    }));
    await client.settings({ network: "ridge", brokers });
    expect(host.configuration.stored).toEqual({ network: "ridge", brokers });
    expect(host.calls).toEqual(["configure"]);
  });

  test("settings that are wrong change nothing, and the answer names the setting and no value", async () => {
    const { client, host } = start();
    await client.settings({ network: "ridge" });
    await expect(
      client.settings({ age: 7, brokers: [{ host: "a", password: 12345678 }] }),
    ).rejects.toMatchObject({
      code: "refused",
      message: "brokers[0].password: it is not a text",
    });
    expect(host.configuration.stored).toEqual({ network: "ridge" });
  });

  test("clock, reading, journal", async () => {
    const { client, host } = start();
    expect(await client.setClock(1_795_000_000_000)).toBe(1);
    expect(host.calls).toEqual(["clock 1795000000000"]);
    expect(await client.reading()).toEqual(host.frame);
    const { state: _, ...status } = host.status();
    const uplink = { copies: host.copies, links: host.brokerReports() };
    expect(await client.journal()).toEqual({ ...status, uplink });
  });

  test("the owner is set once", async () => {
    const { client, host } = start();
    host.store.set("command", Uint8Array.of(1)); // of an earlier owner's orders
    const other = new RecordedHost().signer.publicKey.slice();
    await client.owner(other);
    await client.owner(other);
    other[5] = (other[5] as number) ^ 1;
    await expect(client.owner(other)).rejects.toMatchObject({ code: "refused" });
    expect(host.values.get("owner")?.subarray(0, 33)).toEqual(host.signer.publicKey);
    expect(host.values.has("command")).toBe(false);
  });

  test("a reset wants the words, and says what is lost", async () => {
    const { client, host } = start();
    await expect(client.reset("yes")).rejects.toThrow(
      /2 frames that no broker has, confirm with "ERASE [0-9a-f]{16}"/,
    );
    expect(host.calls).toEqual([]);
    expect(await client.reset(`ERASE ${host.identity.device}`)).toBe(2);
    expect(host.calls).toEqual(["reset", "restart"]);
  });
});
