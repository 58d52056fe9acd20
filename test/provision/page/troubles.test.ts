import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startMosquitto } from "../../support/mosquitto.js";
import { SSID } from "./support/network.js";
import {
  bundleFile,
  createPageSetup,
  otherBundleFile,
  type PageSetup,
  picked,
  siteOf,
} from "./support/page-setup.js";
import { createPerson } from "./support/person.js";

let bench: PageSetup;
beforeAll(async () => {
  bench = await createPageSetup();
});
afterAll(async () => {
  await bench.close();
});

/** Flips the last bit of a file. */
const spoil = (name: string) => (files: Map<string, Uint8Array>) => {
  const bytes = files.get(name)?.slice();
  if (bytes === undefined) throw new Error(`no ${name}`);
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
  files.set(name, bytes);
};

describe("a bundle is refused, and nothing is written", () => {
  const cases = [
    ["one byte of the application changed", () => bundleFile({ change: spoil("esp32c3/fieldmark.bin") })],
    ["one byte of the manifest changed", () => bundleFile({ change: spoil("manifest.json") })],
    ["one byte of the signature changed", () => bundleFile({ change: spoil("manifest.json.cose") })],
    ["no signature", () => bundleFile({ change: (files) => files.delete("manifest.json.cose") })],
    ["signed by somebody else", otherBundleFile],
    ["not a zip", () => ({ ...bundleFile(), buffer: Buffer.from("PK no") })],
  ] as const;

  test("each kind of damage", async () => {
    const { port } = bench.board({ blank: true });
    const page = await bench.open(() => port);
    const person = bench.person(page);
    await page.locator("#site-file").setInputFiles(bench.siteFile);
    await page.locator("#site-state.good").waitFor();
    for (const [name, make] of cases) {
      // A good one before, so that each refusal is a new one, and takes the good one away.
      await page.locator("#bundle-file").setInputFiles(bundleFile());
      await page.locator("#bundle-state.good").waitFor();
      await page.locator("#bundle-file").setInputFiles(make());
      await page.locator("#bundle-state.bad").waitFor();
      expect([name, await page.locator("#bundle-state").innerText()]).toEqual([
        name,
        expect.stringContaining("will not be written"),
      ]);
    }
    await bench.picture(page, "bundle-damaged");
    // Who goes on all the same gets no further than with a board that has no firmware: not a byte of it is sent.
    await person.press("Begin");
    expect(await page.locator("#prepare").isVisible()).toBe(true);
    expect(port.sent).toEqual([]);
  });
});

test("a site file that names a file which was not picked, one that is no TOML, one with a password in it", async () => {
  const page = await bench.open(() => undefined);
  const pick = async (text: string, ...more: { name: string; mimeType: string; buffer: Buffer }[]) => {
    await page
      .locator("#site-file")
      .setInputFiles([{ name: "site.toml", mimeType: "text/plain", buffer: Buffer.from(text) }, ...more]);
    await page.locator("#site-state.good, #site-state.bad").waitFor();
    return await page.locator("#site-state").innerText();
  };
  const site = `[site]\nname = "A"\nnetwork = "farm"\n[[brokers]]\nhost = "b.example"\n`;
  expect(await pick("[site\nsecret")).toMatch(/cannot be used: .*line 1/);
  expect(await pick(`${site}password = "hunter22"`)).toMatch(/password_file/);
  expect(await pick(`${site}password_file = "keys/b.txt"`)).toContain("names keys/b.txt: choose it");
  const password = { name: "b.txt", mimeType: "text/plain", buffer: Buffer.from("hunter22\n") };
  await page.locator("#site-file").setInputFiles(password);
  await page.locator("#site-state.good").waitFor();
  expect(await page.locator("body").innerText()).not.toContain("hunter22");
});

test("no port picked, a port that is busy, then the right one", async () => {
  const { port } = bench.board();
  let isThere = false;
  port.isBusy = true;
  const page = await bench.open(() => (isThere ? port : undefined));
  const person = bench.person(page);
  await person.prepares();
  await person.press("Connect");
  expect(await person.trouble()).toBe("No port was picked");
  await bench.picture(page, "no-port");
  isThere = true;
  await person.press("Try again");
  await page.getByRole("heading", { name: "The port is busy" }).waitFor();
  port.isBusy = false;
  await person.press("Try again");
  await person.sees("Choose the Wi-Fi");
});

test("a cable that is pulled while firmware is written: a clear message, and the next try succeeds", async () => {
  const { port } = bench.board({ blank: true });
  const page = await bench.open(() => port);
  const person = bench.person(page);
  await person.prepares(bundleFile());
  port.holds = (sent) => sent < 15_000;
  await person.press("Connect");
  expect(await person.trouble()).toBe("The connection to the board broke off");
  await bench.picture(page, "cable-pulled");
  port.plugIn();
  await person.press("Try again");
  await person.sees("Choose the Wi-Fi");
  // Also later: the board is flashed again, for it may be another.
  port.pull();
  await page.getByLabel("Wi-Fi password").fill("whatever it is");
  await person.press("Give it to the board");
  expect(await person.trouble()).toBe("The connection to the board broke off");
  await person.press("Another board");
  await person.sees("Connect a board");
});

test("firmware for another chip", async () => {
  const { port } = bench.board({ chip: "esp32s3" });
  const page = await bench.open(() => port);
  const person = bench.person(page);
  await person.prepares(bundleFile());
  await person.press("Connect");
  expect(await person.trouble()).toBe("This firmware is not for this board");
  expect(await page.locator("#trouble-reason").textContent()).toMatch(/esp32s3.*esp32c3/);
});

test("a network's name that is typed and only nearly heard is not given to the board at once", async () => {
  const { port } = bench.board();
  const page = await bench.open(() => port);
  const person = bench.person(page);
  await person.prepares();
  await person.press("Connect");
  await person.sees("Choose the Wi-Fi");
  await page.getByRole("radio", { name: "Another network" }).check();
  await page.getByLabel("Name of the network").fill("hof nord ");
  await page.getByLabel("Wi-Fi password").fill("wrong password");
  await person.press("Give it to the board");
  await page.getByText('The board hears "Hof Nord", not "hof nord ": only spaces').waitFor();
  await bench.picture(page, "wifi-alike");
  await person.press("Give it to the board"); // whoever means it gets it
  await page.getByText('The network "hof nord " did not let the board in.').waitFor();
  await page.getByRole("radio", { name: SSID }).check();
  await person.givesPassword();
  await person.sees("This board is ready");
});

test("a browser without Web Serial", async () => {
  const page = await bench.openWithoutSerial();
  expect(await bench.person(page).trouble()).toBe("This browser cannot reach boards");
});

test("brokers that do not take the board: it is not called ready, until they do or somebody says so", async () => {
  const broker = await startMosquitto();
  await broker.kill();
  const { port } = bench.board();
  const page = await bench.open(() => port, { viewport: { width: 1280, height: 800 } });
  const person = createPerson(page, picked("site.toml", siteOf(broker.port)));
  await person.prepares();
  await person.press("Connect");
  await person.givesPassword();
  expect(await person.trouble()).toBe("The brokers do not take the board");
  expect(await page.locator("#trouble-reason").textContent()).toContain(`127.0.0.1:${broker.port}`);
  expect(await page.locator("#receipt").isVisible()).toBe(false);
  await bench.picture(page, "no-broker");
  await person.press("Go on without");
  await person.sees("This board is set up");
  await page.getByText("Its brokers have not taken a reading").waitFor();
  await person.press("Next board");
  await person.press("Connect");
  await page.getByRole("button", { name: "Give it to the board" }).click();
  expect(await person.trouble()).toBe("The brokers do not take the board");
  await broker.restart();
  // Once is enough, however seldom the board asks a broker by now that was away.
  await person.press("Try again");
  await page.locator("#trouble").waitFor({ state: "hidden" });
  await person.sees("This board is ready");
  await broker.stop();
});
