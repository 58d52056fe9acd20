import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Receipt } from "../../../provision/operations/receipt.js";
import { PASSWORD, SSID } from "./support/network.js";
import { bundleFile, createPageSetup, type PageSetup } from "./support/page-setup.js";

let bench: PageSetup;
beforeAll(async () => {
  bench = await createPageSetup();
});
afterAll(async () => {
  await bench.close();
});

/** All that the browser keeps of the page. */
const kept = (page: Page) =>
  page.evaluate(`(async () => {
    const caught = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) caught.push(request.url, await (await cache.match(request)).text());
    }
    return caught.join();
  })()`) as Promise<string>;

test("the whole commission at phone size: a blank board gets firmware, Wi-Fi and a receipt", async () => {
  const { port } = bench.board({ blank: true });
  const page = await bench.open(() => port);
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  const person = bench.person(page);
  await bench.picture(page, "prepare");
  const site = Buffer.concat([bench.siteFile.buffer, Buffer.from("[batch]\nask_names = true\n")]);
  await person.prepares(bundleFile(), { ...bench.siteFile, buffer: site });
  await bench.picture(page, "connect");
  await person.press("Connect");
  await person.sees("Writing firmware");
  await bench.picture(page, "flash");
  await person.sees("Name this board");
  await person.press("Go on");
  await page.getByText("Type a name.").waitFor();
  await page.getByLabel("What people will call it").fill("Mast 1, Süd");
  await bench.picture(page, "name");
  await person.press("Go on");
  await person.sees("Choose the Wi-Fi");
  expect(await page.getByRole("radio").first().getAttribute("value")).toBe("0");
  expect(await page.getByRole("radio", { name: SSID }).isChecked()).toBe(true); // as the site file says
  await bench.picture(page, "wifi");
  await person.givesPassword("wrong password");
  await page.getByText(`The network ${SSID} did not let the board in.`).waitFor();
  await bench.picture(page, "wifi-refused");
  await person.givesPassword();
  await person.sees("This board is ready");
  await bench.picture(page, "receipt");
  expect(await page.locator("#readings").innerText()).toMatch(/temperature\s+-?\d+(\.\d+)?\s°C/);

  const saving = page.waitForEvent("download");
  await person.press("Save receipt");
  const receipt = JSON.parse(readFileSync(await (await saving).path(), "utf8")) as Receipt;
  expect(receipt).toMatchObject({
    receipt: 1,
    site: "Nordfeld",
    network: "farm",
    chip: "ESP32-C3",
    name: "Mast 1, Süd",
  });
  expect(receipt.firmware.manifestSha256).toMatch(/^[0-9a-f]{64}$/);
  expect(receipt.mac).toMatch(/^34:85:18/);
  const savingLabel = page.waitForEvent("download");
  await person.press("Save label");
  expect(readFileSync(await (await savingLabel).path(), "utf8")).toContain(`Fieldmark device ${receipt.kid}`);

  expect(await kept(page)).not.toContain(PASSWORD);
  expect(problems.filter((problem) => !problem.includes("404"))).toEqual([]);
});

test("an older firmware than the board has is said, and written where that is meant", async () => {
  const { port } = bench.board();
  const page = await bench.open(() => port);
  const person = bench.person(page);
  await person.prepares(bundleFile({ version: "0.0.9" }));
  await person.press("Connect");
  expect(await person.trouble()).toBe("The board has a newer firmware");
  expect(await page.locator("#trouble-reason").textContent()).toContain("the bundle's is older: 0.0.9");
  await person.press("Go on without");
  await page.locator("#trouble").waitFor({ state: "hidden" });
  await person.sees("Choose the Wi-Fi");
});
