import { JSON_TYPE, jsonAnswer } from "../answer.js";
import { type Route, route } from "../route.js";
import type { Services } from "../services.js";

export const stateRoute = ({ view }: Services): Route =>
  route({
    url: "/v1/state",
    summary: "Who this witness is, and how it does",
    path: {},
    query: {},
    contents: [{ type: JSON_TYPE, schema: "State" }],
    answer() {
      const { brokers, peers, ...rest } = view.state();
      // Named one by one: what a view has beside is not meant for everybody.
      const { state, reason, network, name, version, did, uptime } = rest;
      const { devices, frames, waiting, quarantined, entries, bytes } = rest;
      return jsonAnswer({
        state,
        reason,
        network,
        name,
        version,
        did,
        uptime,
        brokers: brokers.map(({ broker, subscribed }) => ({ broker, subscribed })),
        devices,
        frames,
        waiting,
        quarantined,
        entries,
        peers: peers.map(({ name, size, state, reason, cosigned }) => ({
          name,
          size,
          state,
          reason,
          cosigned,
        })),
        bytes,
      });
    },
  });
