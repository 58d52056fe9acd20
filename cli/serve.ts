import { randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { Command } from "commander";
import { LOOPBACK, listenAt } from "../node/listen.js";
import { ENROLMENT } from "../provision/page/served-desk.js";
import { portName } from "./board-options.js";
import { messageOf } from "./errors.js";
import { count, path } from "./options.js";
import { print, warn } from "./output.js";
import { packageRoot } from "./package-root.js";
import { BoardDoor } from "./serve-board.js";
import { EnrolmentDesk } from "./serve-desk.js";
import { siteFiles } from "./serve-site.js";

const EXAMPLES = `
Browsers reach boards from Chrome, Edge or Opera. The page stays on this machine: other machines are not answered,
because browsers allow serial ports only on localhost or by https. For phones, copy dist/page to any web server that
has https; a folder "site" beside it, with site.toml and what that names, is found there.
What a site file names is given only to who has the address that is printed, save the Wi-Fi password and the
owner's key, which are given to nobody. With --site the boards that the page sets up are enrolled here: registry and
receipts are written where the site file says.

Examples:
  $ fieldmark serve
  $ fieldmark serve --site site.toml       with brokers and firmware of a site
  $ fieldmark serve --board rfc2217://127.0.0.1:4000     with the board of "fieldmark board --tcp 4000"`;

const DEFAULT_PORT = 4780;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

const PAGE_FILES = ["index.html", "page.css", "page.js", "page.webmanifest", "icon.svg", "service-worker.js"];

/** Names by which a browser on this machine may call it: another name is another site's, led here by DNS. */
const OWN_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

interface Options {
  port: number;
  site?: string;
  board?: string;
}

export function serveCommand(): Command {
  return new Command("serve")
    .description("Serve the technician's page on this machine: flash and provision boards in a browser.")
    .option("--port <number>", "0: any that is free", count(0, 65_535), DEFAULT_PORT)
    .option("--site <file>", "site file (TOML) for the page, with what it names", path)
    .option(
      "--board <port>",
      "the board at this port of this machine, or rfc2217://host:port, in place of Web Serial",
      portName,
    )
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run({ port, site, board }: Options): Promise<void> {
  const token = randomBytes(16).toString("hex");
  const door = board === undefined ? undefined : new BoardDoor(board);
  if (site !== undefined) siteFiles(site); // what is wrong with it is said now
  const desk = site === undefined ? undefined : new EnrolmentDesk(site);
  const listener = servePage({
    folder: join(packageRoot, "dist/page"),
    token,
    files: () => (site === undefined ? NO_FILES : siteFiles(site)),
    ...(door !== undefined && { board: door }),
    ...(desk !== undefined && { desk }),
  });
  const server = await listenAt(() => createServer(listener), port, LOOPBACK);
  if (desk?.hasOwnersKey === false) warn("the owner's key is not here: receipts are not countersigned");
  print(`http://${LOOPBACK}:${server.port}/#${token}`);
  warn("open this address in Chrome, Edge or Opera; Ctrl-C ends");
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  await door?.close();
  server.close();
}

interface PageInit {
  readonly folder: string;
  /** Who shows it may have what follows. */
  readonly token: string;
  /** Paths on disk by address, as provision/page/site-path.ts has them: as the site file names them now. May throw. */
  readonly files: () => ReadonlyMap<string, string>;
  readonly board?: BoardDoor;
  readonly desk?: EnrolmentDesk;
}

const NO_FILES: ReadonlyMap<string, string> = new Map();

function servePage({ folder, token, files, board, desk }: PageInit): RequestListener {
  if (!existsSync(join(folder, "index.html")))
    throw new Error(`${folder} is missing: run node scripts/build.js`);
  const pages = new Map(PAGE_FILES.map((name) => [`/${name}`, join(folder, name)]));
  pages.set("/", join(folder, "index.html"));

  return (request, response) => {
    // Whoever asks may go away at any time, and nothing that is asked ends the server.
    for (const side of [request, response]) side.on("error", () => {});
    give(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else answer(response, 500, messageOf(error));
    });
  };

  async function give(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!OWN_HOST.test(request.headers.host ?? "")) return answer(response, 421, "not the name of this page");
    // Browsers name the page that asks wherever more than reading is asked for: another site gets nothing done here.
    const { host, origin } = request.headers;
    if (origin !== undefined && origin !== `http://${host}`)
      return answer(response, 403, "not the page's own");
    const address = request.url ?? "";
    const isTrusted = isEqual(request.headers.authorization ?? "", `Bearer ${token}`);
    if (board !== undefined && isTrusted && /^\/board($|[/?])/.test(address))
      return await board.answer(address.slice("/board".length), request, response);
    if (desk !== undefined && isTrusted && address === `/${ENROLMENT}`)
      return await desk.answer(request, response);
    if (request.method !== "GET" && request.method !== "HEAD")
      return answer(response, 405, "GET and HEAD only");
    const [path = ""] = address.split("?");
    let file: string | undefined;
    let body: Uint8Array;
    try {
      file = pages.get(path) ?? (isTrusted ? files().get(path.slice(1)) : undefined);
      if (file === undefined) return answer(response, 404, "there is no such page");
      body = readFileSync(file);
    } catch {
      return answer(response, 404, "it went away");
    }
    answer(
      response,
      200,
      request.method === "HEAD" ? "" : body,
      TYPES[extname(file)] ?? "application/octet-stream",
    );
  }
}

function answer(response: ServerResponse, status: number, body: string | Uint8Array, type = "text/plain") {
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-cache",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    // What a meta element of index.html cannot say.
    "content-security-policy": "frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  });
  response.end(body);
}

function isEqual(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
