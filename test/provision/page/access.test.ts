import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Receipt } from "../../../provision/operations/receipt.js";
import { de } from "../../../provision/page/texts/de.js";
import { en } from "../../../provision/page/texts/en.js";
import { languageOf, textOf } from "../../../provision/page/texts/texts.js";
import { findFlaws } from "./support/looks.js";
import { PASSWORD, SSID } from "./support/network.js";
import { createPageSetup, type PageSetup } from "./support/page-setup.js";

let bench: PageSetup;
beforeAll(async () => {
  bench = await createPageSetup();
});
afterAll(async () => {
  await bench.close();
});

/** What has the focus: its id. */
const focus = (page: Page) => page.evaluate("document.activeElement.id || document.activeElement.value");
const spoken = (page: Page) => page.locator("#status").textContent();

/** Tab until this has the focus. */
async function tabTo(page: Page, id: string): Promise<void> {
  const passed: unknown[] = [];
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press("Tab");
    passed.push(await focus(page));
    if (passed.at(-1) === id) return;
  }
  throw new Error(`Tab never reached ${id}, but ${passed.join(", ")}`);
}

/** Waits until the focus went to this heading. */
const arrives = (page: Page, id: string) => page.locator(`#${id}:focus`).waitFor();

test("by keyboard alone, with what a screen reader is told; nothing is hard to see or to hit", async () => {
  const { port } = bench.board();
  let isThere = false;
  const page = await bench.open(() => (isThere ? port : undefined));
  await arrives(page, "prepare-title");
  expect(await findFlaws(page)).toEqual([]);
  await tabTo(page, "site-file");
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Space");
  await (await chooser).setFiles(bench.siteFile);
  await page.locator("#site-state.good").waitFor();
  expect(await spoken(page)).toBe("Nordfeld: network farm, brokers: 127.0.0.1");
  await tabTo(page, "begin");
  await page.keyboard.press("Enter");
  await arrives(page, "connect-title");
  expect(await page.locator("[aria-current=step]").textContent()).toBe("Connect");
  await tabTo(page, "connect-button");
  await page.keyboard.press("Enter");
  await arrives(page, "trouble");
  expect(await page.getByRole("alert").getByRole("heading").textContent()).toBe("No port was picked");
  expect(await findFlaws(page)).toEqual([]);
  isThere = true;
  await tabTo(page, "retry");
  await page.keyboard.press("Enter");
  await arrives(page, "wifi-title");
  expect(await findFlaws(page)).toEqual([]);
  expect(await spoken(page)).toBe("Networks found: 3");
  await tabTo(page, "0"); // the radio button of the site's network
  await page.keyboard.press("Enter"); // too early
  await page.getByText(`Type the password of ${SSID}`).waitFor();
  expect(await focus(page)).toBe("password");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await arrives(page, "receipt-title");
  expect(await spoken(page)).toBe("First reading here; signature checked in this browser.");
  expect(await findFlaws(page)).toEqual([]);
  await tabTo(page, "next");
  await page.keyboard.press("Enter");
  await arrives(page, "connect-title");
  // The next board, which is let in with what let this one in.
  await tabTo(page, "connect-button");
  await page.keyboard.press("Enter");
  await arrives(page, "wifi-title");
  expect(await page.locator("#password").inputValue()).toBe(PASSWORD);
  await tabTo(page, "password");
  await page.keyboard.press("Enter");
  await arrives(page, "receipt-title");
  await page.getByText("Done: 1").waitFor(); // the same board again: one receipt
});

/** Of these buttons, the ones that something else lies upon, or that are out of sight. */
const covered = (page: Page, ...ids: string[]) =>
  page.evaluate(`${JSON.stringify(ids)}.filter((id) => {
    const { left, top, right, bottom } = document.getElementById(id).getBoundingClientRect();
    const points = [[left + 8, top + 8], [right - 8, bottom - 8]];
    return points.some(([x, y]) => document.elementFromPoint(x, y)?.closest("button")?.id !== id);
  })`);

async function receiptOf(page: Page): Promise<Receipt> {
  const saving = page.waitForEvent("download");
  await page.locator("#save-receipt").click();
  return JSON.parse(readFileSync(await (await saving).path(), "utf8")) as Receipt;
}

test("in German, because the browser is; and back to English by a button", async () => {
  const { port } = bench.board();
  const page = await bench.open(() => port, { locale: "de-AT" });
  const english = Object.entries(en)
    .filter(([key, text]) => text !== de[key as keyof typeof en] && !text.includes("{") && text.length > 5)
    .map(([, text]) => text);
  const isGerman = async () => {
    const lines = (await page.locator("body").innerText()).split("\n");
    expect(lines.filter((line) => english.includes(line.trim()))).toEqual([]);
    expect(await findFlaws(page)).toEqual([]);
  };
  await page.getByRole("heading", { name: "Vorbereiten" }).waitFor();
  expect(await page.getAttribute("html", "lang")).toBe("de");
  await page.locator("#site-file").setInputFiles(bench.siteFile);
  await page.locator("#site-state.good").waitFor();
  await isGerman();
  await page.getByRole("button", { name: "Los geht’s" }).click();
  await isGerman();
  await page.getByRole("button", { name: "Verbinden" }).click();
  await page.getByRole("heading", { name: "WLAN wählen" }).waitFor();
  await isGerman();
  await bench.picture(page, "wifi-de");
  await page.getByLabel("WLAN-Passwort").fill("falsches Passwort");
  await page.getByRole("button", { name: "An die Platine geben" }).click();
  await page.getByText(`Das Netz ${SSID} hat die Platine nicht eingelassen.`).waitFor();
  await page.getByRole("button", { name: "English" }).click();
  await page.getByText(`The network ${SSID} did not let the board in.`).waitFor();
  await page.getByRole("button", { name: "Deutsch" }).click();
  await page.getByLabel("WLAN-Passwort").fill(PASSWORD);
  await page.getByRole("button", { name: "An die Platine geben" }).click();
  await page.getByRole("heading", { name: "Platine fertig" }).waitFor();
  await isGerman();
  expect(await page.locator("#readings").innerText()).toMatch(
    /Temperatur\s+-?\d+,\d+\s°C\s+Luftfeuchte\s+\d+(,\d+)?\s%\s+Luftdruck\s+[\d.\s]+(,\d+)?\shPa/,
  );
  await bench.picture(page, "receipt-de");
  // Nothing is cut off, on whatever is in use; long identifiers are looked for where they are wanted.
  const { kid } = await receiptOf(page);
  for (const language of ["Deutsch", "English"])
    for (const [width, height] of [
      [1280, 800],
      [390, 844],
      [360, 640],
      [768, 1024],
    ] as const) {
      await page.setViewportSize({ width, height });
      await page.getByRole("button", { name: language }).click();
      await page.evaluate("window.scrollTo(0, 0)");
      const said = language === "Deutsch" ? /Temperatur\s+-?\d+,\d.*°C/ : /temperature\s+-?\d+\.\d.*°C/;
      expect(await page.locator("#readings").innerText()).toMatch(said);
      expect([width, height, await covered(page, "save-receipt", "save-label", "next")]).toEqual([
        width,
        height,
        [],
      ]);
      expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
      expect(await page.locator("body").innerText()).not.toContain(kid);
      await bench.picture(page, `receipt-${language}-${width}`);
    }
  await page.locator("#receipt > details summary").last().click();
  expect(await page.locator("#facts").innerText()).toContain(kid);
});

test("languages: the first that the page speaks, else English; each fills in the same", () => {
  expect(languageOf(["fr-FR", "de-CH", "en"])).toBe("de");
  expect(languageOf(["fr"])).toBe("en");
  expect(textOf("de", "boardsDone", { count: 3 })).toBe("Fertig: 3");
  const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();
  for (const key of Object.keys(en) as (keyof typeof en)[])
    expect([key, holes(de[key])]).toEqual([key, holes(en[key])]);
});
