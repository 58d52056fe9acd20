import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};

/** Any web server: gives files of folders that are laid over each other, and knows nothing of Fieldmark. */
export async function serveFolders(...folders: readonly string[]) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const name = pathname === "/" ? "index.html" : pathname;
    for (const folder of folders)
      try {
        const body = readFileSync(join(folder, name));
        response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" });
        return response.end(body);
      } catch {
        // The next has it, perhaps.
      }
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
