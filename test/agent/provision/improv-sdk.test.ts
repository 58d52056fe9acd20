import { afterEach, describe, expect, test } from "@jest/globals";
import { connectSdk } from "./improv-sdk.js";
import { WIFI_PASSWORD } from "./recorded-host.js";
import { type Served, serve } from "./served.js";

let served: Served | undefined;
afterEach(async () => {
  served?.server.close();
  await served?.wire.close();
});

function start() {
  served = serve();
  return { ...served, ...connectSdk(served.wire) };
}

describe("improv-wifi-serial-sdk, as it is", () => {
  test("finds the board and what it is", async () => {
    const { client } = start();
    expect(await client.initialize()).toEqual({
      firmware: "fieldmark",
      version: "0.1.0",
      chipFamily: "ESP32-C3",
      name: "Fieldmark",
      osName: null,
      osVersion: null,
    });
    expect(client.state).toBe(2);
  });

  test("scans and provisions", async () => {
    const { client, host, complaints } = start();
    const states: unknown[] = [];
    client.addEventListener("state-changed", () => states.push(client.state));
    await client.initialize();
    expect(await client.scan()).toEqual([
      { name: "field", rssi: -60, secured: true },
      { name: "open", rssi: -71, secured: false },
    ]);
    await client.provision("field", WIFI_PASSWORD);
    expect(states).toEqual([2, 3, 4]);
    expect(client.nextUrl).toBeUndefined();
    expect(host.configuration.wifi).toEqual({ ssid: "field", password: WIFI_PASSWORD });
    host.url = "http://board.local/";
    await client.requestCurrentState();
    expect(client.nextUrl).toBe("http://board.local/");
    expect(complaints).toEqual([]);
  });

  test("hears that a password is wrong, and may try again", async () => {
    const { client, host } = start();
    await client.initialize();
    await expect(client.provision("field", "wrong-password")).rejects.toBe("UNABLE_TO_CONNECT");
    expect(client.error).toBe(3);
    await client.requestCurrentState();
    expect(client.state).toBe(2);
    expect(host.configuration.stored).toEqual({});
    await client.provision("field", WIFI_PASSWORD);
    expect(client.error).toBe(0);
  });

  test("names the board", async () => {
    const { client } = start();
    await client.initialize();
    expect(await client.getHostname()).toBe("fieldmark-7");
    expect(await client.setHostname("ridge-12")).toBe("ridge-12");
    await expect(client.setHostname("no spaces")).rejects.toBe("BAD_HOSTNAME");
    expect(await client.setDeviceName("Grat Süd 12")).toBe("Grat Süd 12");
    expect(await client.getDeviceName()).toBe("Grat Süd 12");
  });

  test("hears of a command that there is not", async () => {
    const { client } = start();
    await client.initialize();
    await expect(client.requestNetworkState()).rejects.toBe("UNKNOWN_RPC_COMMAND");
  });

  test.each(["ridge-1", "ridge-12"])(
    "gets the host name %s: 7 letters make a result of 10 bytes",
    async (name) => {
      const { client } = start();
      await client.initialize();
      expect(await client.setHostname(name, 2000)).toBe(name);
    },
  );

  test("gets an answer that follows text without an end of line", async () => {
    const { client, log } = start();
    log("booting … no line feed");
    await client.initialize();
    log("another text");
    expect(await client.getHostname(2000)).toBe("fieldmark-7");
  });
});
