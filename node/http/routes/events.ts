import { kid } from "../parameter.js";
import { type Route, route } from "../route.js";
import type { Services } from "../services.js";

export const eventsRoute = ({ hub }: Services): Route =>
  route({
    url: "/v1/events",
    summary: "What arrives, as it arrives: server-sent events `frame` and `rejection`",
    description:
      "The data is a Frame or a Rejection. Nothing is sent again: who was away reads what it missed " +
      "by /v1/devices/{kid}/frames?after=. A reader that is too slow is cut off.",
    path: {},
    query: { device: { ...kid, description: `frames of this device alone; ${kid.description}` } },
    contents: [{ type: "text/event-stream" }],
    others: { 503: "Problem" },
    answer: (_path, { device }, { address }) => ({
      type: "text/event-stream",
      body: hub.open(address, device),
      // nginx would keep events back until it has many.
      headers: { "cache-control": "no-store", "x-accel-buffering": "no" },
    }),
  });
