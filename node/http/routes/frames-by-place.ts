import { MAX_PLACES_BYTES, readPlaces, writeFrames } from "../../../network/inventory/frames-wire.js";
import { positionOf } from "../../../network/inventory/tree.js";
import { HttpProblem } from "../problem.js";
import { type Content, type Route, route } from "../route.js";
import type { Services } from "../services.js";

const FRAMES: Content = { type: "application/cbor" };

/** Read only: what is sent is a question. */
export const framesByPlaceRoute = ({ view }: Services): Route =>
  route({
    url: "/v1/frames",
    summary: "The frames at places, of any devices (docs/network.md)",
    path: {},
    query: {},
    body: {
      type: FRAMES.type,
      description: "a CBOR array of places, 24 bytes each, 128 at most",
      limit: MAX_PLACES_BYTES,
    },
    contents: [FRAMES],
    others: { 400: "Problem", 413: "Problem" },
    answer(_path, _query, { body }) {
      const places = readPlaces(body);
      if (places === undefined) throw new HttpProblem(400, "this is no question about frames");
      const frames = places.map((key) => {
        const { kid, ...position } = positionOf(key);
        return view.frame(kid, position)?.bytes;
      });
      return { type: FRAMES.type, body: writeFrames(frames) };
    },
  });
