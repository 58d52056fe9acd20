import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { didOfKey } from "../../../agent/frame/identity.js";
import { createSigner, newPrivateKey } from "../../../node/ports/signer.js";
import { bundleFile, createPageSetup, type PageSetup, picked, siteOf } from "./support/page-setup.js";

let bench: PageSetup;
beforeAll(async () => {
  bench = await createPageSetup();
});
afterAll(async () => {
  await bench.close();
});

const owner = didOfKey(createSigner(newPrivateKey()).publicKey);
const site = (name: string, more = "") => siteOf(1883).replace("Nordfeld", name) + more;
type Picked = ReturnType<typeof picked>;

/** Waits until a state says this. */
const says = (page: Page, id: string, text: string) => page.locator(`#${id}`, { hasText: text }).waitFor();
const choose = (page: Page, id: string, ...files: Picked[]) => page.locator(`#${id}`).setInputFiles(files);
const zip = (version: string, name = "firmware.zip") => ({ ...bundleFile({ version }), name });

/** Drops files on the page, as from a folder of the desktop. */
async function drop(page: Page, ...files: Picked[]): Promise<void> {
  const given = JSON.stringify(files.map(({ name, buffer }) => ({ name, bytes: [...buffer] })));
  const data = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of ${given}) transfer.items.add(new File([Uint8Array.from(bytes)], name));
    return transfer;
  })()`);
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
}

test("of site files and of firmware the last that was chosen counts, whatever its name", async () => {
  const page = await bench.open(() => undefined);
  await choose(page, "site-file", picked("a.toml", site("First")));
  await says(page, "site-state", "First: network farm");
  await choose(page, "site-file", picked("b.toml", site("Second")));
  await says(page, "site-state", "Second: network farm");
  await choose(page, "site-file", picked("a.toml", site("First, mended")));
  await says(page, "site-state", "First, mended: network farm");
  await choose(page, "site-file", picked("b.toml.txt", site("As an editor names it")));
  await says(page, "site-state", "As an editor names it: network farm");

  await choose(page, "bundle-file", zip("1.0.0", "z.zip"));
  await says(page, "bundle-state", "Fieldmark 1.0.0");
  await choose(page, "bundle-file", zip("2.0.0", "a.zip"));
  await says(page, "bundle-state", "Fieldmark 2.0.0");
  await choose(page, "bundle-file", zip("3.0.0", "z.zip"));
  await says(page, "bundle-state", "Fieldmark 3.0.0");
  // Both at once; and what is no site file takes the place of none in silence.
  await drop(page, picked("c.toml", site("Third")), zip("4.0.0"));
  await says(page, "site-state", "Third: network farm");
  await says(page, "bundle-state", "Fieldmark 4.0.0");
  // Firmware alone, and what other tools take: told what to do, wherever it is put.
  const image = picked("fieldmark.bin", Uint8Array.of(0xe9, 1, 2, 3));
  const manifest = picked(
    "manifest.json",
    '{"name":"Other","builds":[{"chipFamily":"ESP32-C3","parts":[]}]}',
  );
  for (const file of [image, manifest]) {
    await choose(page, "bundle-file", zip("4.0.0"));
    await says(page, "bundle-state", "Fieldmark 4.0.0");
    await drop(page, file);
    await says(page, "bundle-state", "Whoever made this firmware makes one of it with fieldmark bundle");
    expect(await page.locator("#bundle-reason").textContent()).toContain(`${file.name} is no bundle`);
  }
  await choose(page, "bundle-file", zip("4.0.0"));
  // Another site file says whose signature counts.
  await choose(
    page,
    "site-file",
    picked("d.toml", site("Fourth").replace(/signer = .*/, `signer = "${owner}"`)),
  );
  await says(page, "bundle-state", "will not be written");

  const other = await bench.open(() => undefined);
  await choose(other, "site-file", picked("notes.txt", "no site"));
  await says(other, "site-state", "notes.txt is no site file");
});

test("a password of the site before is not given to another site's broker", async () => {
  const page = await bench.open(() => undefined);
  const withPassword = (name: string) =>
    picked(
      "site.toml",
      site(name).replace("port = 1883", 'port = 1883\nuser = "f"\npassword_file = "b.txt"'),
    );
  await choose(page, "site-file", picked("b.txt", "first-secret"), withPassword("First"));
  await says(page, "site-state", "First: network farm");
  await choose(page, "site-file", withPassword("Second"));
  await says(page, "site-state", "names b.txt: choose it together");
  await choose(page, "site-file", picked("b.txt", "second-secret"));
  await says(page, "site-state", "Second: network farm");
});

test("before a board, files that are dropped lead back to where they are chosen", async () => {
  const page = await bench.open(() => undefined);
  await choose(page, "site-file", picked("a.toml", site("First")));
  await says(page, "site-state", "First");
  await page.getByRole("button", { name: "Begin" }).click();
  await says(page, "plan", "First; boards keep their firmware");
  await drop(page, zip("2.0.0"));
  await says(page, "bundle-state", "Fieldmark 2.0.0");
  await page.getByRole("button", { name: "Begin" }).click();
  await says(page, "plan", "First, firmware Fieldmark 2.0.0");
  await page.getByRole("button", { name: "Other site or firmware" }).click();
  await page.getByRole("heading", { name: "Prepare" }).waitFor();
});

test("the owner comes from the site file, or is pasted; a private key is refused", async () => {
  const page = await bench.open(() => undefined);
  await choose(page, "site-file", picked("a.toml", site("First")));
  await says(page, "owner-state", "No owner named");
  await choose(page, "site-file", picked("a.toml", site("First", `[owner]\ndid = "${owner}"\n`)));
  await says(page, "owner-more", "Owner known");
  expect(await page.locator("#owner-did").textContent()).toBe(owner);
  await choose(page, "site-file", picked("a.toml", site("First", '[owner]\nkey_file = "owner.json"\n')));
  await says(page, "owner-state", "Paste the owner's public name");
  await page.getByRole("button", { name: "Begin" }).click();
  await page.locator("#owner-state.bad").waitFor();
  expect(await page.locator("#prepare").isVisible()).toBe(true);
  await drop(page, picked("owner.json", '{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA","d":"AA"}'));
  await says(page, "owner-state", "owner.json holds a private key");
  await page.locator("#owner").fill("did:key:zQ3sNobody");
  await says(page, "owner-state", "That is not a public name");
  await page.locator("#owner").fill(` ${owner} `);
  await says(page, "owner-more", "Owner known");
  await bench.picture(page, "owner");
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("heading", { name: "Connect a board" }).waitFor();
});
