import { createServer, get as httpGet } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import type { KeptFrame } from "../../../network/witness/view.js";
import { LIMITS } from "../../../node/http/limits.js";
import { HttpProblem } from "../../../node/http/problem.js";
import { type HttpOptions, type HttpServer, openHttp } from "../../../node/http/server.js";
import { Slots } from "../../../node/http/slots.js";
import { appOf, DEVICE, viewOf } from "./harness.js";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function serve(options: Partial<HttpOptions> = {}): Promise<HttpServer> {
  const server = await openHttp({ view: viewOf(3), port: 0, ...options });
  open.push(server);
  return server;
}

const portOf = ({ address }: HttpServer): number => Number(new URL(address).port);

/** What comes back for bytes that are sent as they are, until the connection is closed. */
function exchange(port: number, text: string, ends = true): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (bytes) => {
      answer += bytes;
      if (ends) socket.end();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

describe("the server", () => {
  test("answers on this machine alone, in both address families, and ends", async () => {
    const server = await serve();
    expect(server.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${server.address}/health`)).json()).toEqual({ state: "running" });
    const other = await fetch(`http://[::1]:${portOf(server)}/health`).catch(() => undefined);
    expect(other?.status ?? "no IPv6").toEqual(other === undefined ? "no IPv6" : 200);
    await server.close();
    await expect(fetch(`${server.address}/health`)).rejects.toThrow();
  });

  test.each(["127.0.0.1", "::1"])("does not start where its port is taken at %s", async (host) => {
    const taken = createServer();
    open.push(taken);
    await new Promise<void>((resolve) => taken.listen(0, host, resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(openHttp({ view: viewOf(0), port })).rejects.toThrow(`port ${port} is in use at`);
  });

  test.each(["https://example.org/", "example.org", "null", "ftp://example.org", ""])(
    "takes no %j for an origin",
    async (origin) => {
      await expect(openHttp({ view: viewOf(0), port: 0, cors: [origin] })).rejects.toThrow(InputError);
    },
  );

  test("takes addresses and subnets for proxies, and nothing else", async () => {
    await serve({ proxies: ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/64"] });
    for (const proxy of ["proxy.example", "", "10.0.0.0/33", "::/129", "10.0.0.0/8/8", "true"])
      await expect(openHttp({ view: viewOf(0), port: 0, proxies: [proxy] })).rejects.toThrow(InputError);
  });

  test("hangs up on who sends a request too slowly, or more headers than it takes", async () => {
    const server = await serve({ limits: { requestTime: 50 } });
    const slow = await exchange(portOf(server), "GET /health HTTP/1.1\r\nHost: localhost\r\n", false);
    expect(slow).toMatch(/^HTTP\/1\.1 408 /);
    const long = `GET /health HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(LIMITS.headerBytes)}\r\n\r\n`;
    expect(await exchange(portOf(server), long)).toMatch(/^HTTP\/1\.1 431 /);
    const url = `GET /${"x".repeat(LIMITS.headerBytes)} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    expect(await exchange(portOf(server), url)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await exchange(portOf(server), "no HTTP at all\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("hangs up on who takes nothing of a download, and gives its place to others", async () => {
    const view = viewOf(1);
    const [frame] = view.kept as [KeptFrame];
    view.frames = ({ after, limit }) =>
      Array.from({ length: limit }, (_, index) => ({
        ...frame,
        sequence: (after?.sequence ?? 0) + index + 1,
      }));
    const server = await serve({ view, limits: { idleTime: 300, downloadsEach: 1 } });
    const url = `${server.address}${DEVICE}/frames?format=csv`;
    const request = httpGet(url).on("error", () => {});
    await new Promise<void>((resolve) => {
      request.on("response", (response) => {
        response.socket.pause();
        resolve();
      });
    });
    let status = 0;
    for (; status !== 200; ) {
      const answer = await fetch(url);
      status = answer.status;
      await answer.body?.cancel();
    }
    request.destroy();
    expect(status).toBe(200);
  });
});

test("places are given so many at a time, and so many to one address", () => {
  const slots = new Slots("downloads", 3, 2);
  const first = slots.take("a");
  slots.take("a");
  expect(() => slots.take("a")).toThrow("your address has 2 downloads already");
  slots.take("b");
  expect(() => slots.take("c")).toThrow("there are 3 downloads already");
  first();
  first(); // once is enough
  expect(slots.count).toBe(2);
  slots.take("a");
  expect(() => slots.take("b")).toThrow(HttpProblem);
});

describe("who may ask", () => {
  test("a name that is not this machine's is refused, unless a proxy is there", async () => {
    const app = await appOf(viewOf(0));
    for (const host of ["localhost:80", "127.0.0.1", "[::1]:9", "LOCALHOST"])
      expect((await app.get("/health", { host })).statusCode).toBe(200);
    const refused = await app.get("/health", { host: "evil.example" });
    expect([refused.statusCode, refused.headers["content-type"]]).toEqual([421, "application/problem+json"]);
    const proxied = await appOf(viewOf(0), { isLocal: false });
    expect((await proxied.get("/health", { host: "witness.example" })).statusCode).toBe(200);
  });

  test("pages of the origins that were named, and of no others", async () => {
    const cors = ["https://page.example", "http://localhost:8000"];
    const app = await appOf(viewOf(1), { cors });
    for (const origin of cors) {
      const { headers } = await app.get(`${DEVICE}/frames`, { origin });
      expect(headers["access-control-allow-origin"]).toBe(origin);
      expect(headers["access-control-expose-headers"]).toContain("Link");
      expect(headers.vary).toBe("Origin, accept");
    }
    for (const origin of ["https://evil.example", "https://page.example.evil", "null"])
      expect((await app.get("/v1/state", { origin })).headers).not.toHaveProperty(
        "access-control-allow-origin",
      );
    const none = await (await appOf(viewOf(0))).get("/v1/state", { origin: "https://page.example" });
    expect(none.headers).not.toHaveProperty("access-control-allow-origin");
    const any = await (await appOf(viewOf(0), { cors: ["*"] })).get("/v1/state", {
      origin: "https://any.example",
    });
    expect(any.headers["access-control-allow-origin"]).toBe("*");
    expect(any.headers).not.toHaveProperty("access-control-allow-credentials");
  });

  test("a preflight says what a page may send", async () => {
    const asked = {
      origin: "https://page.example",
      "access-control-request-method": "GET",
      host: "localhost",
    };
    const request = { method: "OPTIONS", url: "/v1/state", headers: asked } as const;
    const allowed = await (await appOf(viewOf(0), { cors: ["https://page.example"] })).inject(request);
    expect([allowed.statusCode, allowed.headers["access-control-allow-methods"]]).toEqual([204, "GET, HEAD"]);
    expect((await (await appOf(viewOf(0))).inject(request)).statusCode).toBe(405);
  });

  test("as often as the rate says, and then again when it says", async () => {
    const app = await appOf(viewOf(1), {
      rate: { requests: 2, seconds: 60 },
      cors: ["https://page.example"],
    });
    const origin = "https://page.example";
    expect((await app.get("/v1/state")).statusCode).toBe(200);
    expect((await app.get("/nothing")).statusCode).toBe(404);
    for (const url of ["/v1/state", "/nothing", `${DEVICE}/frames`]) {
      const { statusCode, headers, ...response } = await app.get(url, { origin });
      expect([statusCode, headers["content-type"]]).toEqual([429, "application/problem+json"]);
      expect(Number(headers["retry-after"])).toBeGreaterThan(0);
      expect(headers["access-control-allow-origin"]).toBe(origin);
      expect(response.json().detail).toMatch(/^too many requests: come back in \d+ s$/);
    }
    expect((await app.get("/health")).statusCode).toBe(200);
    expect((await app.get("/ready")).statusCode).toBe(200);
  });

  test("each address for itself; behind a proxy, the one that the proxy names", async () => {
    const options = { rate: { requests: 1, seconds: 60 }, isLocal: false };
    const from = (address: string) => ({ "x-forwarded-for": address });
    const direct = await appOf(viewOf(0), options);
    expect((await direct.get("/v1/state", from("192.0.2.1"))).statusCode).toBe(200);
    expect((await direct.get("/v1/state", from("192.0.2.2"))).statusCode).toBe(429);
    const proxied = await appOf(viewOf(0), { ...options, proxies: ["127.0.0.1"] });
    expect((await proxied.get("/v1/state", from("192.0.2.1"))).statusCode).toBe(200);
    expect((await proxied.get("/v1/state", from("192.0.2.2"))).statusCode).toBe(200);
    // What stands before the proxy's own word is the asker's.
    expect((await proxied.get("/v1/state", from("198.51.100.7, 192.0.2.2"))).statusCode).toBe(429);
  });
});

describe("every answer", () => {
  test.each([
    ["/v1/state", 200],
    ["/nothing", 404],
    ["/v1/devices/x", 400],
    ["/%zz", 400],
    [`${DEVICE}/frames?format=csv`, 200],
    ["/metrics", 200],
    ["/log/checkpoint", 404],
  ])("%s is not taken for what it is not, nor run", async (url, status) => {
    const { statusCode, headers } = await (await appOf(viewOf(1))).get(url);
    expect(statusCode).toBe(status);
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "cross-origin-resource-policy": "same-origin",
    });
    if (status >= 400) expect(headers["content-type"]).toBe("application/problem+json");
  });

  test.each(["POST", "PUT", "DELETE", "PATCH"] as const)("%s changes nothing", async (method) => {
    const app = await appOf(viewOf(0));
    const headers = { host: "localhost", "content-type": "application/json" };
    const { statusCode, headers: said } = await app.inject({
      method,
      url: "/v1/state",
      headers,
      payload: "{}",
    });
    expect([statusCode, said.allow]).toEqual([405, "GET, HEAD"]);
  });

  test("has a tag that spares the same answer, unless it is a stream or a failure", async () => {
    const view = viewOf(3);
    const app = await appOf(view);
    const { headers, statusCode } = await app.get(`${DEVICE}/frames`);
    const tag = headers.etag as string;
    expect([statusCode, tag]).toEqual([200, expect.stringMatching(/^"[\w-]+"$/)]);
    for (const known of [tag, `"other", W/${tag}`, "*"]) {
      const again = await app.get(`${DEVICE}/frames`, { "if-none-match": known });
      expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, "", tag]);
    }
    view.kept.pop();
    expect((await app.get(`${DEVICE}/frames`, { "if-none-match": tag })).statusCode).toBe(200);
    expect((await app.get("/nothing", { "if-none-match": "*" })).statusCode).toBe(404);
    expect((await app.get(`${DEVICE}/frames?format=csv`)).headers).not.toHaveProperty("etag");
  });

  test("to HEAD is that to GET, without the body", async () => {
    const app = await appOf(viewOf(3));
    const headers = { host: "localhost" };
    const got = await app.get(`${DEVICE}/frames`);
    const head = await app.inject({ method: "HEAD", url: `${DEVICE}/frames`, headers });
    expect([head.statusCode, head.body]).toEqual([200, ""]);
    for (const name of ["content-type", "content-length", "etag"])
      expect(head.headers[name]).toBe(got.headers[name]);
  });

  test("says nothing of a fault of ours, but that there is one", async () => {
    const view = viewOf(0);
    view.state = () => {
      throw new Error("password: hunter2");
    };
    await expect(appOf(view)).rejects.toThrow();
    const app = await appOf(viewOf(0));
    const failing = viewOf(0);
    failing.devices = () => {
      throw new Error("password: hunter2");
    };
    const other = await appOf(failing);
    const { statusCode, body } = await other.get("/v1/devices");
    expect([statusCode, other.errors.length, app.errors.length]).toEqual([500, 1, 0]);
    expect(body).not.toContain("hunter2");
  });
});

test.each([
  ["running", 200, 200],
  ["catching-up", 200, 503],
  ["full", 200, 503],
  ["failed", 503, 503],
] as const)("a witness that is %s is %d at /health and %d at /ready", async (state, health, ready) => {
  const view = viewOf(0);
  view.current = { ...view.current, state, reason: "see there" };
  const app = await appOf(view);
  const said = [await app.get("/health"), await app.get("/ready")];
  expect(said.map(({ statusCode }) => statusCode)).toEqual([health, ready]);
  for (const response of said) expect(response.json()).toEqual({ state, reason: "see there" });
});
