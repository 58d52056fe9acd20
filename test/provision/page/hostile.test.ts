import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { HOSTILE_TEXTS, unfit } from "../../support/hostile-text.js";
import { SSID } from "./support/network.js";
import { bundleFile, createPageSetup, type PageSetup, picked, siteOf } from "./support/page-setup.js";

let bench: PageSetup;
beforeAll(async () => {
  bench = await createPageSetup();
});
afterAll(async () => {
  await bench.close();
});

/** As many characters of a text as a network's name has room for, in UTF-8. */
function ssidOf(text: string): string {
  let name = "";
  for (const sign of text.replace(/\p{Cs}/gu, ""))
    if (Buffer.byteLength(name + sign) <= 32) name += sign;
    else break;
  return name;
}

const SSIDS = [...new Set(HOSTILE_TEXTS.map(ssidOf))].filter((name) => name !== "");

const shownIn = async (page: Page, ...ids: string[]) => {
  for (const id of ids) {
    const text = (await page.locator(`#${id}`).textContent()) ?? "";
    expect(text.trim()).not.toBe("");
    expect([id, unfit(text.replaceAll("\n", " "))]).toEqual([id, undefined]);
  }
};

test("access points, files and sites with hostile names end nothing on the page, and are shown as they are", async () => {
  const networks = [...SSIDS, SSID].map((ssid, i) => ({ ssid, rssi: -40 - i, isSecured: true }));
  const { port } = bench.board({ wifi: { networks, passwords: {}, delay: 20 } });
  const page = await bench.open(() => port);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  const person = bench.person(page);

  // Names of files, and what a site file says of itself.
  const files = (id: string, ...given: ReturnType<typeof picked>[]) =>
    page.locator(`#${id}`).setInputFiles(given);
  await files("site-file", picked("\u202elmot.a\u001b[2J", "no site"));
  await page.locator("#site-state.bad").waitFor();
  await shownIn(page, "site-state", "status");
  const named = siteOf(1883).replace("Nordfeld", "Nord\\u202efeld\\u001b[2J\\u200b");
  await files("site-file", picked("site.toml", named));
  await page.locator("#site-state.good").waitFor();
  await shownIn(page, "site-state", "status");
  expect(await page.locator("#site-state").textContent()).toContain("Nord\\u{202e}feld\\u{1b}[2J\\u{200b}:");
  await files("bundle-file", picked("\u202epiz.a\u2066.zip", Uint8Array.of(0xe9, 1, 2, 3)));
  await page.locator("#bundle-state.bad").waitFor();
  await shownIn(page, "bundle-reason");
  await files("bundle-file", bundleFile());
  await page.locator("#bundle-state.good").waitFor();

  // The networks that the board hears.
  await person.prepares(undefined, { ...bench.siteFile, buffer: Buffer.from(named) });
  await shownIn(page, "plan");
  await person.press("Connect");
  await person.sees("Choose the Wi-Fi");
  await shownIn(page, "networks");
  const radios = page.locator("#networks input");
  expect(await radios.count()).toBe(new Set(networks.map(({ ssid }) => ssid)).size + 1);
  for (let i = 0; i < SSIDS.length; i++) {
    await radios.nth(i).check();
    await person.press("Give it to the board");
    await page.locator("#wifi-error:not(:empty)").waitFor();
    await shownIn(page, "wifi-error");
  }
  await page.locator("#networks input[value=other]").check();
  await page.locator("#other-name").fill("\u202egnp.exe\u202c \u2066");
  await person.press("Give it to the board");
  await page.locator("#wifi-error:not(:empty)").waitFor();
  await shownIn(page, "wifi-error");
  expect(problems).toEqual([]);
});
