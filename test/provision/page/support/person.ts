import type { Page } from "playwright-core";
import { PASSWORD } from "./network.js";

type Picked = { readonly name: string; readonly mimeType: string; readonly buffer: Buffer };

/** What a technician does at the page, in English, with this site file. */
export function createPerson(page: Page, siteFile: Picked) {
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  const trouble = page.locator("#trouble:not([hidden])");
  /** Waits for this heading; fails at once where the page tells of a trouble. */
  async function sees(heading: string): Promise<void> {
    const expected = page.getByRole("heading", { name: heading });
    await expected.or(trouble).first().waitFor();
    if (!(await expected.isVisible()))
      throw new Error(`not "${heading}" but ${await page.locator("#trouble-reason").textContent()}`);
  }
  return {
    press,
    sees,
    /** `bundle`: undefined for boards that have their firmware. */
    async prepares(bundle?: Picked, site: Picked = siteFile) {
      await page.locator("#site-file").setInputFiles(site);
      await page.locator("#site-state.good").waitFor();
      if (bundle !== undefined) {
        await page.locator("#bundle-file").setInputFiles(bundle);
        await page.locator("#bundle-state.good").waitFor();
      }
      await press("Begin");
    },
    async givesPassword(password = PASSWORD) {
      await sees("Choose the Wi-Fi");
      await page.getByLabel("Wi-Fi password").fill(password);
      await press("Give it to the board");
    },
    /** What the page says of a trouble: its title. */
    async trouble(): Promise<string> {
      await trouble.waitFor();
      return await page.locator("#trouble-title").innerText();
    },
  };
}
