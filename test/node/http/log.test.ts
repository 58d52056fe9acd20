import { describe, expect, test } from "@jest/globals";
import { appOf, viewOf } from "./harness.js";

/** An app with a log in which every path that is asked for is there, and the paths that were. */
async function anyLog() {
  const view = viewOf(0);
  const asked: string[] = [];
  view.logFile = (path) => {
    asked.push(path);
    return Buffer.from(path);
  };
  return { ...(await appOf(view)), asked };
}

describe("the log's files", () => {
  test.each([
    ["checkpoint", "text/plain; charset=utf-8", "no-cache"],
    ["tile/0/000", "application/octet-stream", "public, max-age=31536000, immutable"],
    ["tile/0/x001/x234/067", "application/octet-stream", "public, max-age=31536000, immutable"],
    ["tile/63/000.p/255", "application/octet-stream", "public, max-age=31536000, immutable"],
    ["tile/entries/000.p/1", "application/octet-stream", "public, max-age=31536000, immutable"],
  ])("%s is %s, %s", async (path, type, kept) => {
    const { get } = await anyLog();
    const { headers, body } = await get(`/log/${path}`);
    expect(body).toBe(path);
    expect([headers["content-type"], headers["cache-control"]]).toEqual([type, kept]);
  });

  test.each([
    "",
    "checkpoint/",
    "Checkpoint",
    "../checkpoint",
    "..%2f..%2fetc%2fpasswd",
    "tile/64/000",
    "tile/00/000",
    "tile/0/0",
    "tile/0/x001",
    "tile/0/001/000",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000%00",
    "tile/0/000%0a",
  ])("%j is not one, and the view is not asked", async (path) => {
    const { get, asked } = await anyLog();
    const { statusCode, headers } = await get(`/log/${path}`);
    expect([statusCode, headers["content-type"], asked]).toEqual([404, "application/problem+json", []]);
  });
});
