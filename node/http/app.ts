import { Readable } from "node:stream";
import cors from "@fastify/cors";
import rateLimit from "@fastify/rate-limit";
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from "fastify";
import { InputError } from "../../agent/input-error.js";
import type { WitnessView } from "../../network/witness/view.js";
import { type Answer, send } from "./answer.js";
import { EventHub } from "./events.js";
import type { Limits, Rate } from "./limits.js";
import { Metrics } from "./metrics.js";
import { HttpProblem, problemAnswer } from "./problem.js";
import type { Route } from "./route.js";
import { allRoutes } from "./routes/all.js";
import { Slots } from "./slots.js";

export interface AppOptions {
  readonly view: WitnessView;
  /** Origins of pages that may read, such as `https://example.org`; `*`: any. None: no page may. */
  readonly cors: readonly string[];
  readonly rate: Rate;
  readonly limits: Limits;
  /** Addresses and subnets of reverse proxies, which say in X-Forwarded-For who asks. */
  readonly proxies: readonly string[];
  /** Only names of this machine are answered to: another is a page's that DNS led here. */
  readonly isLocal: boolean;
  /** Gets what failed here, of which who asks learns nothing. */
  report(error: unknown): void;
}

/** Nothing that is answered may be run, framed, or taken for what it is not. */
const SECURITY = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
};
const METHODS = ["GET", "HEAD"];
const OWN_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
/** Seconds for which a browser keeps what a preflight said. */
const PREFLIGHT = 600;

export interface App {
  readonly server: FastifyInstance;
  readonly hub: EventHub;
}

/** What answers requests, without a socket of its own. Ready when it is returned. */
export async function createApp(options: AppOptions): Promise<App> {
  const { view, limits, rate, report } = options;
  const server = fastify({
    logger: false,
    exposeHeadRoutes: false,
    trustProxy: [...options.proxies],
    bodyLimit: 1,
    routerOptions: { maxParamLength: limits.headerBytes },
    frameworkErrors: (error, request, reply) => {
      reply.headers(SECURITY);
      fail(error, request, reply);
    },
  });
  const hub = new EventHub(view, limits, report);
  const downloads = new Slots("downloads", limits.downloads, limits.downloadsEach);

  function fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    return send(request, reply, problemAnswer(problemOf(error, report)));
  }

  server.setErrorHandler(fail);
  server.addHook("onRequest", async (request, reply) => {
    reply.headers(SECURITY);
    if (options.isLocal && !OWN_NAME.test(request.headers.host ?? ""))
      throw new HttpProblem(421, "this is not one of the names by which this server answers: take 127.0.0.1");
    // With CORS on, OPTIONS is a preflight.
    const isTaken =
      [...METHODS, ...(options.cors.length > 0 ? ["OPTIONS"] : [])].includes(request.method) ||
      (request.method === "POST" && taking.has(request.routeOptions.url ?? ""));
    if (!isTaken)
      throw new HttpProblem(405, "take GET or HEAD: nothing can be changed here", {
        allow: METHODS.join(", "),
        connection: "close", // the body that may follow is not read
      });
  });
  if (options.cors.length > 0)
    await server.register(cors, {
      origin: [...options.cors],
      methods: METHODS,
      allowedHeaders: ["Accept", "If-None-Match", "Last-Event-ID"],
      exposedHeaders: ["ETag", "Link", "Retry-After"],
      maxAge: PREFLIGHT,
      strictPreflight: false,
    });
  await server.register(rateLimit, {
    global: false,
    max: rate.requests,
    timeWindow: rate.seconds * 1000,
    allowList: (request) => free.has(request.routeOptions.url ?? ""),
    errorResponseBuilder: (_request, { ttl }) =>
      new HttpProblem(429, `too many requests: come back in ${Math.ceil(ttl / 1000)} s`),
  });
  // Of all requests, those too that no route is for.
  server.addHook("onRequest", server.rateLimit());

  const routes = allRoutes({ view, hub, downloads, metrics: new Metrics(view, hub) });
  const free = new Set(routes.filter(({ isFree }) => isFree).map(({ url }) => url));
  const taking = new Set(routes.filter(({ body }) => body !== undefined).map(({ url }) => url));
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  for (const route of routes) addRoute(server, route, report);
  server.setNotFoundHandler(() => {
    throw new HttpProblem(404, "there is nothing at this address: /openapi.json says what there is");
  });
  await server.ready();
  return { server, hub };
}

function addRoute(
  server: FastifyInstance,
  { url, body: taken, answer }: Route,
  report: (error: unknown) => void,
): void {
  server.route({
    method: taken === undefined ? METHODS : ["POST"],
    url,
    ...(taken !== undefined && { bodyLimit: taken.limit }),
    async handler(request, reply) {
      const { params, query, ip, headers } = request;
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
      const said: Answer = await answer(params, query, { address: ip, accept: headers.accept, body });
      // Before its first byte, the error handler gets it, too.
      if (said.body instanceof Readable)
        said.body.once("error", (error) => reply.raw.headersSent && report(error));
      return send(request, reply, said);
    },
  });
}

/** What is told of an error. Of a fault of ours only that there is one: its words may be secret. */
function problemOf(error: unknown, report: (error: unknown) => void): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof InputError) return new HttpProblem(400, error.message);
  const { statusCode = 500 } = error as Partial<FastifyError>;
  if (statusCode < 500)
    return new HttpProblem(statusCode, "this request is not as HTTP has it: see /openapi.json");
  report(error);
  return new HttpProblem(500, "something failed here, and not by your doing: try again later");
}
