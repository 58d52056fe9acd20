import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { build } from "esbuild";
import type { BoardEvent } from "../../../host-sim/virtual-board/board-event.js";
import { PASSWORD } from "./support/network.js";
import { serveFolders } from "./support/page-server.js";
import { createPageSetup, PATIENCE, type PageSetup } from "./support/page-setup.js";
import { bridgeSerial } from "./support/serial-bridge.js";

let bench: PageSetup;
let site: Awaited<ReturnType<typeof serveFolders>>;
beforeAll(async () => {
  bench = await createPageSetup();
  const folder = join(bench.folder, "improv");
  mkdirSync(folder);
  // As its README says, but for the bundler: unmodified, and knowing nothing of Fieldmark.
  writeFileSync(
    join(folder, "index.html"),
    `<!doctype html><meta charset="utf-8"><script type="module" src="sdk.js"></script>
    <improv-wifi-serial-launch-button></improv-wifi-serial-launch-button>`,
  );
  await build({
    stdin: {
      contents: `import "improv-wifi-serial-sdk/dist/serial-launch-button.js";`,
      resolveDir: join(__dirname, "../../.."),
    },
    bundle: true,
    format: "esm",
    outfile: join(folder, "sdk.js"),
    logLevel: "error",
  });
  site = await serveFolders(folder);
});
afterAll(async () => {
  site.close();
  await bench.close();
});

test("improv-wifi-serial-sdk's own dialog provisions the simulated board in Chromium", async () => {
  const seen: BoardEvent[] = [];
  const { port } = bench.board({ observe: (event) => seen.push(event) });
  const page = await bench.browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  await bridgeSerial(page, () => port);
  await page.goto(site.url);
  const dialog = page.locator("improv-wifi-serial-provision-dialog");
  // The dialog gives a board a second to answer, which is too little on a busy machine.
  for (let left = 10; ; left--) {
    await page.getByRole("button", { name: "Connect device to Wi-Fi" }).click();
    const networks = dialog.locator("md-outlined-select");
    try {
      await networks.waitFor({ timeout: PATIENCE / 4 });
      break;
    } catch (error) {
      if (left === 0) throw error;
      await page.reload();
    }
  }
  expect(await dialog.locator("md-select-option").count()).toBe(4); // three networks, and "Join other…"
  await dialog.locator("md-outlined-select").evaluate(`(select) => {
    select.select("1"); // by name: Gast, Hof Nord, Nachbar
    select.dispatchEvent(new Event("change"));
  }`);
  await dialog.locator('md-outlined-text-field[name="password"] input').fill(PASSWORD);
  await dialog.locator("md-filled-button", { hasText: "Connect" }).click();
  await dialog.getByText("Provisioned!").waitFor();
  await dialog.getByText("ESP32-C3").waitFor();
  expect(seen.map(({ type }) => type)).toContain("network-up");
});
