import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { didOfKey } from "../../../../agent/frame/identity.js";
import {
  type BoardOptions,
  type RunningBoard,
  startBoard,
} from "../../../../host-sim/virtual-board/board.js";
import { type SampleOptions, sampleBuild } from "../../../../host-sim/virtual-board/rom/sample-build.js";
import { createFileKeyValue } from "../../../../node/ports/key-value.js";
import { createSigner, newPrivateKey } from "../../../../node/ports/signer.js";
import { makeBundle, zipBundle } from "../../../../provision/bundle/make.js";
import { startMosquitto } from "../../../support/mosquitto.js";
import { launchBrowser } from "./browser.js";
import { PASSWORD, SSID } from "./network.js";
import { serveFolders } from "./page-server.js";
import { createPerson } from "./person.js";
import { BridgedPort, bridgeSerial } from "./serial-bridge.js";

/** As a phone held upright. */
const PHONE = { width: 390, height: 844 };
/** Milliseconds, for what hangs: a browser on a machine that is busy may take long. */
export const PATIENCE = 120_000;
const PAGE = join(__dirname, "../../../../dist/page");

const maker = createSigner(newPrivateKey());

/** A site whose broker has this port of this machine. */
export const siteOf = (port: number) => `
[site]
name = "Nordfeld"
network = "farm"

[wifi]
ssid = "${SSID}"

[[brokers]]
host = "127.0.0.1"
port = ${port}

[firmware]
bundle = "firmware.zip"
signer = "${didOfKey(maker.publicKey)}"
`;

/** A file as somebody picks it. */
export const picked = (name: string, content: string | Uint8Array) => ({
  name,
  mimeType: "application/octet-stream",
  buffer: Buffer.from(content),
});

/** A signed bundle as a zip; `change` may spoil a file of it. */
export function bundleFile(
  {
    change = () => {},
    ...options
  }: SampleOptions & { change?: (files: Map<string, Uint8Array>) => void } = {},
  signer = maker,
) {
  const files = makeBundle(
    { name: "Fieldmark", version: options.version ?? "0.1.0" },
    [sampleBuild({ size: 20_000, ...options })],
    signer,
  );
  change(files);
  return { name: "firmware.zip", mimeType: "application/zip", buffer: Buffer.from(zipBundle(files)) };
}

/** One that somebody has signed of whom the site file knows nothing. */
export const otherBundleFile = () => bundleFile({}, createSigner(newPrivateKey()));

/** A browser, the page on any web server, and boards on its bench. */
export async function createPageSetup() {
  const browser = await launchBrowser();
  const server = await serveFolders(PAGE);
  const broker = await startMosquitto();
  const siteFile = picked("site.toml", siteOf(broker.port));
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-page-"));
  const boards = new Set<RunningBoard>();
  let count = 0;

  return {
    url: server.url,
    browser,
    broker,
    /** The site file that a technician has. */
    siteFile,
    person: (page: Page) => createPerson(page, siteFile),
    /** For screenshots, and for boards. */
    folder,

    board(options: Partial<BoardOptions> = {}) {
      const port = new BridgedPort();
      const state = join(folder, `board-${count++}`);
      mkdirSync(state);
      const board = startBoard({
        state,
        port: port.side,
        wifi: {
          networks: [
            { ssid: "Gast", rssi: -80, isSecured: false },
            { ssid: SSID, rssi: -48, isSecured: true },
            { ssid: "Nachbar", rssi: -71, isSecured: true },
          ],
          passwords: { [SSID]: PASSWORD },
          delay: 20,
        },
        observe: () => {},
        ...options,
      });
      boards.add(board);
      /** Whose orders the board obeys, as it has stored that. */
      const owner = () => createFileKeyValue(join(state, "nvs")).get("owner")?.slice(0, 33);
      return { port, board, owner };
    },

    /** The page at phone size. `pick`: the port that the person picks in the browser's list, if any. */
    async open(pick: () => BridgedPort | undefined, options: BrowserContextOptions = {}): Promise<Page> {
      const context = await browser.newContext({ viewport: PHONE, locale: "en-GB", ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      await bridgeSerial(page, pick);
      await page.goto(server.url);
      return page;
    },

    /** A browser as phones have it. */
    async openWithoutSerial(url = server.url): Promise<Page> {
      const page = await (await browser.newContext({ viewport: PHONE, locale: "en-GB" })).newPage();
      page.setDefaultTimeout(PATIENCE);
      await page.addInitScript("delete Navigator.prototype.serial");
      await page.goto(url);
      return page;
    },

    /** For people to look at, where FIELDMARK_PICTURES names a folder. */
    async picture(page: Page, name: string): Promise<void> {
      const into = process.env.FIELDMARK_PICTURES;
      if (into !== undefined) await page.screenshot({ path: join(into, `${name}.png`) });
    },

    async close() {
      for (const board of boards) board.stop();
      await browser.close();
      server.close();
      await broker.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type PageSetup = Awaited<ReturnType<typeof createPageSetup>>;
