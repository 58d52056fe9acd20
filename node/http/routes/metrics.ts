import { type Route, route } from "../route.js";
import type { Services } from "../services.js";

export const metricsRoute = ({ metrics }: Services): Route =>
  route({
    url: "/metrics",
    summary: "For Prometheus: docs/witness-http.md says what each is",
    path: {},
    query: {},
    contents: [{ type: metrics.contentType }],
    answer: async () => ({
      type: metrics.contentType,
      body: await metrics.text(),
      headers: { "cache-control": "no-store" },
    }),
  });
