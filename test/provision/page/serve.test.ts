import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { base64 } from "@scure/base";
import { didOfKey } from "../../../agent/frame/identity.js";
import { type Rfc2217Side, startRfc2217 } from "../../../host-sim/virtual-board/rfc2217.js";
import { Dice } from "../../../host-sim/world/dice.js";
import { writeKeyFile } from "../../../node/key-file.js";
import { loadRegistry } from "../../../node/network/registry-file.js";
import { createSigner, newPrivateKey, signatureChecker } from "../../../node/ports/signer.js";
import { readEnrolment } from "../../../provision/operations/enrol.js";
import type { Receipt } from "../../../provision/operations/receipt.js";
import { type Running, run, start, temporaryFolder } from "../../support/cli.js";
import { bundleFile, createPageSetup, type PageSetup, siteOf } from "./support/page-setup.js";

const folder = join(temporaryFolder(), "site");
for (const inside of ["", "keys", "fw"]) mkdirSync(join(folder, inside));
const site = join(folder, "site.toml");
/** Three brokers, one of which is there. */
const siteText = (port: number) => `${siteOf(port).replace("firmware.zip", "fw/firmware.zip")}
[settings]
copies = 1
acknowledgements = 1

[owner]
key_file = "owner.json"

[batch]
name = "mast {nn}"
first = 7

[[brokers]]
host = "b.example"
user = "b"
password_file = "keys/b.txt"

[[brokers]]
host = "c.example"
user = "c"
password_file = "../c.txt"
`;
for (const [name, content] of [
  ["keys/b.txt", "hunter22"],
  ["other.txt", "private"],
  ["fw/firmware.zip", bundleFile().buffer],
  ["../c.txt", "hunter23"],
] as const)
  writeFileSync(join(folder, name), content);
const ownerKey = newPrivateKey();
const owner = createSigner(ownerKey);
writeKeyFile(join(folder, "owner.json"), ownerKey);

/** Asks without what browsers do of themselves: no Host of their choice, no path made plain. */
function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
  sent: string | Uint8Array = "",
) {
  return new Promise<{ status: number; body: string; type: string }>((resolve, reject) => {
    const asking = request({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString("latin1"),
          type: response.headers["content-type"] ?? "",
        }),
      );
    });
    asking.on("error", reject).end(sent);
  });
}

/** What is written goes as it is; resolves when the server has closed, or after it has answered anything. */
function say(port: number, text: string | Uint8Array, aborts = false): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(text, () => aborts && setImmediate(() => socket.resetAndDestroy()));
    });
    socket.on("error", () => {});
    socket.once("data", () => socket.destroy());
    socket.once("close", () => resolve());
    socket.setTimeout(1000, () => socket.destroy()); // it waits for more
  });
}

/** Another's server; undefined on a machine without such addresses. */
async function startAnothers(host: string): Promise<Server | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(0, host, () => resolve(server));
  });
}

describe("fieldmark serve", () => {
  let server: Running;
  let url: URL;
  let bench: PageSetup;
  let side: Rfc2217Side;
  let receipt: Receipt;
  beforeAll(async () => {
    side = await startRfc2217();
    bench = await createPageSetup();
    writeFileSync(site, siteText(bench.broker.port));
    server = start(["serve", "--port", "0", "--site", site, "--board", side.url]);
    const printed = new Promise<string>((resolve) => {
      let text = "";
      server.process.stdout?.on("data", (chunk: Buffer) => {
        text += String(chunk);
        if (text.includes("\n")) resolve(text.trim());
      });
    });
    url = new URL(await printed);
  });
  afterAll(async () => {
    await bench.close();
    side.cut();
    server.process.kill("SIGINT");
    expect((await server.finished).code).toBe(0);
  });

  test("gives the page; what the site names only to who has the address; nothing else to anybody", async () => {
    const port = Number(url.port);
    const token = { authorization: `Bearer ${url.hash.slice(1)}` };
    const cases: readonly (readonly [string, string, Record<string, string>, number])[] = [
      ["the page", "/", {}, 200],
      ["its script", "/page.js", {}, 200],
      ["the site file", "/site/site.toml", token, 200],
      ["a broker's password", "/site/keys/b.txt", token, 200],
      ["a file above the site's folder that it names", "/site/parent../c.txt", token, 200],
      ["the site file without the token", "/site/site.toml", {}, 404],
      ["with another token", "/site/site.toml", { authorization: `Bearer ${"é".repeat(32)}` }, 404],
      ["the owner's key", "/site/owner.json", token, 404],
      ["a file that the site does not name", "/site/other.txt", token, 404],
      ["a way out", "/../../package.json", token, 404],
      ["a way out, encoded", "/site/%2e%2e/%2e%2e/etc/passwd", token, 404],
      ["the board without the token", "/board", {}, 404],
      ["the board's port", "/board", token, 200],
      ["what the board says, with its port closed", "/board/read", token, 410],
      ["by another site's name", "/", { host: "evil.example" }, 421],
    ];
    for (const [name, path, headers, status] of cases)
      expect([name, (await ask(port, path, headers)).status]).toEqual([name, status]);
    expect((await ask(port, "/", {}, "POST")).status).toBe(405);
    expect((await ask(port, "/page.css")).type).toContain("text/css");
  });

  test("the page finds site and firmware there, and opens without the server once it was loaded", async () => {
    const page = await bench.browser.newPage({ locale: "en-GB" });
    await page.goto(url.href);
    await page.locator("#site-state.good").waitFor();
    await page.locator("#bundle-state.good").waitFor();
    // The token left the address at once, and the page is the server's all the same when it is loaded again.
    expect(page.url()).toBe(`http://127.0.0.1:${url.port}/`);
    await page.reload();
    await page.locator("#site-state.good").waitFor();
    await page.locator("#offline:not([hidden])").waitFor();
    await page.context().setOffline(true);
    await page.reload();
    await page.getByRole("heading", { name: "Prepare" }).waitFor();
    expect(await page.locator("#site-state").innerText()).toContain("None yet");
    const kept = (await page.evaluate(`caches.keys()
      .then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
      .then((lists) => lists.flat().map(({ url }) => url).join())`)) as string;
    expect(kept).toContain("page.js");
    expect(kept).not.toContain("site/");
  });

  test("--board: a page without Web Serial flashes and provisions the board at a port of the server's machine", async () => {
    const { owner: ownerOfBoard } = bench.board({ port: side, blank: true });
    const page = await bench.openWithoutSerial(url.href);
    const person = bench.person(page);
    await page.locator("#bundle-state.good").waitFor();
    await page.getByText("Owner known").waitFor(); // from the key file, of which the page has the public half alone
    await bench.picture(page, "prepare-served");
    await person.press("Begin");
    await person.sees("Connect a board");
    await bench.picture(page, "connect-served");
    await page.getByText(`The page takes the board at ${side.url}.`).waitFor();
    await person.press("Connect");
    await person.givesPassword();
    await person.sees("This board is ready");
    // The server has enrolled it, countersigned, and the board is the owner's.
    await bench.picture(page, "receipt-served");
    expect(await page.locator("#filed").innerText()).toBe("Enrolled: this board is in registry.json.");
    const [name = ""] = readdirSync(join(folder, "receipts")).filter((name) => name.endsWith(".json"));
    receipt = JSON.parse(readFileSync(join(folder, "receipts", name), "utf8"));
    expect(loadRegistry(join(folder, "registry.json")).device(receipt.kid)?.site).toBe("Nordfeld");
    expect(receipt.name).toBe("mast 07");
    const signed = base64.decode(receipt.countersigned ?? "");
    expect(readEnrolment(signed, owner.publicKey, signatureChecker).statement.did).toBe(receipt.did);
    const saving = page.waitForEvent("download");
    await person.press("Save receipt");
    expect(JSON.parse(readFileSync(await (await saving).path(), "utf8"))).toEqual(receipt);
    expect(ownerOfBoard()).toEqual(Uint8Array.from(owner.publicKey));
  });

  test("enrols nothing for who has no token, comes from another site, or sends what is no receipt", async () => {
    const port = Number(url.port);
    const token = { authorization: `Bearer ${url.hash.slice(1)}` };
    const json = { "content-type": "application/json" };
    const good = JSON.stringify(receipt);
    const before = readdirSync(folder, { recursive: true }).sort();
    const registry = readFileSync(join(folder, "registry.json"));
    const other = (change: object) => JSON.stringify({ ...receipt, ...change });
    const cases: readonly (readonly [string, Record<string, string>, string | Uint8Array, number])[] = [
      ["no token", json, good, 405],
      ["another token", { ...json, authorization: "Bearer 00" }, good, 405],
      ["another site's page", { ...json, ...token, origin: "https://evil.example" }, good, 403],
      ["another port's page", { ...json, ...token, origin: "http://localhost:1" }, good, 403],
      ["no page's origin", { ...json, ...token, origin: "null" }, good, 403],
      ["by another name", { ...json, ...token, host: "evil.example" }, good, 421],
      ["a form's type", { ...token, "content-type": "text/plain" }, good, 415],
      ["no JSON", { ...json, ...token }, "{", 400],
      ["too much", { ...json, ...token }, "[".repeat(300_000), 400],
      ["nothing", { ...json, ...token }, "", 400],
      ["another thing", { ...json, ...token }, "[]", 422],
      ["a way out", { ...json, ...token }, other({ device: "../../x" }), 422],
      ["another site", { ...json, ...token }, other({ site: "elsewhere" }), 422],
      [
        "another board's name",
        { ...json, ...token },
        other({ did: receipt.did.replace(/.$/, (last) => (last === "x" ? "y" : "x")) }),
        422,
      ],
    ];
    for (const [name, headers, body, status] of cases)
      expect([name, (await ask(port, "/enrolment", headers, "POST", body)).status]).toEqual([name, status]);
    expect((await ask(port, "/enrolment")).status).toBe(404);
    expect((await ask(port, "/enrolment", token, "OPTIONS")).status).toBe(405);
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(before);
    expect(readFileSync(join(folder, "registry.json"))).toEqual(registry);
    const again = await ask(port, "/enrolment", { ...json, ...token }, "POST", good);
    expect([again.status, JSON.parse(again.body).isNew]).toEqual([200, false]);
    const said = await ask(port, "/enrolment", token);
    expect(JSON.parse(said.body)).toEqual({
      owner: didOfKey(owner.publicKey),
      registry: "registry.json",
      named: [{ name: "mast 07", ids: [receipt.kid], isDone: true }],
    });
  });

  test("no request ends it, with the token or without", async () => {
    const port = Number(url.port);
    const token = `Authorization: Bearer ${url.hash.slice(1)}\r\n`;
    const asking = (method: string, path: string, more = "", body = "", host = "127.0.0.1") =>
      `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Connection: close\r\n\r\n${body}`;
    const paths = [
      ...[
        "/board//[",
        "/board?%",
        "/board/%",
        "/board/read?",
        "/board//",
        "/board/read/..",
        "/board/baud?rate=1e9",
      ],
      ...[
        "/board/write",
        "/board/open",
        "/board/close",
        "/board/signals?dtr=%ff",
        "/board?a=b#c",
        "/enrolment",
      ],
      ...[
        "/site/%",
        "/site/%00",
        "/site/%e0%a4%a",
        "/site//",
        "//",
        "/..;/",
        "*",
        "http://[",
        "http://x/board",
        "[::1",
      ],
      ...[
        "/__proto__",
        "/constructor",
        "/site/__proto__",
        `/${"a".repeat(8000)}`,
        "/\u00e9",
        "/board//\\x:y@z:99999/",
      ],
    ];
    const methods = [
      "GET",
      "HEAD",
      "POST",
      "PUT",
      "DELETE",
      "OPTIONS",
      "TRACE",
      "PATCH",
      "CONNECT",
      "QUERY",
      "get",
    ];
    const headers = [
      ...["", "Content-Length: 5\r\n", "Content-Length: -1\r\n", "Content-Length: 1048577\r\n"],
      ...["Transfer-Encoding: chunked\r\n", "Expect: 100-continue\r\n", "Expect: no\r\n", "Origin: null\r\n"],
      ...[
        "Upgrade: websocket\r\nConnection: upgrade\r\n",
        "Content-Type: application/json\r\n",
        "X: \u00ff\r\n",
      ],
    ];
    const bodies = ["", "{}", "zz\r\n", "5\r\nabcde\r\n0\r\n\r\n", "x".repeat(2000)];
    const dice = new Dice("serve");
    const pick = <T>(from: readonly T[]) => from[dice.below(from.length)] as T;
    const all = paths.flatMap((path) => [asking("GET", path, token), asking("POST", path, token)]);
    for (let i = 0; i < 200; i++) {
      const more = pick(headers) + (dice.below(10) < 7 ? token : "");
      all.push(
        asking(
          pick(methods),
          pick(paths),
          more,
          pick(bodies),
          pick(["127.0.0.1", "localhost", "", "[", "x y"]),
        ),
      );
    }
    for (const rest of [
      "\r\n\r\n",
      "\0\0",
      "\x16\x03\x01",
      "GET",
      `GET / HTTP/9.9\r\n${"A: b\r\n".repeat(3000)}\r\n`,
    ])
      all.push(rest);
    for (let i = 0; i < all.length; i += 20)
      await Promise.all(all.slice(i, i + 20).map((text, j) => say(port, text, (i + j) % 3 === 0)));
    // Uploads that are broken off, and one that has no end.
    const upload = (path: string) =>
      asking(
        "POST",
        path,
        `${token}Content-Type: application/json\r\nContent-Length: 200000\r\n`,
        "x".repeat(1000),
      );
    for (const path of ["/enrolment", "/board/write", "/board/open"]) await say(port, upload(path), true);
    expect((await ask(port, "/")).status).toBe(200);
    expect((await ask(port, "/enrolment", { authorization: `Bearer ${url.hash.slice(1)}` })).status).toBe(
      200,
    );
  });

  test("what the site file names is what it names now", async () => {
    const port = Number(url.port);
    const token = { authorization: `Bearer ${url.hash.slice(1)}` };
    const before = readFileSync(site, "utf8");
    expect((await ask(port, "/site/other.txt", token)).status).toBe(404);
    writeFileSync(site, before.replace("keys/b.txt", "other.txt"));
    expect((await ask(port, "/site/other.txt", token)).status).toBe(200);
    expect((await ask(port, "/site/keys/b.txt", token)).status).toBe(404);
    writeFileSync(site, before);
  });
});

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["::1", "[::1]"],
  ["::", "127.0.0.1"],
])(
  "a port that another has at %s is refused: it would be localhost, and get the token",
  async (host, named) => {
    const other = await startAnothers(host);
    if (other === undefined) return expect(host).toContain(":"); // nobody has it there
    try {
      const { port } = other.address() as AddressInfo;
      const { code, stdout, stderr } = await run(["serve", "--port", `${port}`]);
      expect([code, stdout, stderr]).toEqual([
        1,
        "",
        expect.stringContaining(`port ${port} is in use at ${named}`),
      ]);
    } finally {
      other.close();
    }
  },
);

test.each([
  ["a site file that names what is not there", '[[brokers]]\npassword_file = "none.txt"\n', /none\.txt/],
  ["one that is no TOML", "[site\nhunter22", /not TOML/],
])("refuses %s", async (_name, text, expected) => {
  const path = join(folder, "bad.toml");
  writeFileSync(path, text);
  const { code, stderr } = await run(["serve", "--port", "0", "--site", path]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(expected)]);
  expect(stderr).not.toContain("hunter22");
});
