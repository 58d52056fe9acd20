import { MAX_QUESTION_BYTES, readQuestion, writeShapes } from "../../../network/inventory/subtree-wire.js";
import { epoch } from "../parameter.js";
import { HttpProblem } from "../problem.js";
import { type Content, type Route, route } from "../route.js";
import type { Services } from "../services.js";

const SUBTREES: Content = { type: "application/cbor" };

/** Read only: what is sent is a question. */
export const subtreesRoute = ({ view }: Services): Route =>
  route({
    url: "/v1/inventories/:epoch/subtrees",
    summary:
      "What is below prefixes of the inventory that this witness signed for an epoch (docs/network.md)",
    path: { epoch },
    query: {},
    body: {
      type: SUBTREES.type,
      description: "a CBOR array of prefixes, `[bits, key]` each, 256 at most",
      limit: MAX_QUESTION_BYTES,
    },
    contents: [SUBTREES],
    others: { 400: "Problem", 404: "Problem", 413: "Problem" },
    answer({ epoch }, _query, { body }) {
      const prefixes = readQuestion(body);
      if (prefixes === undefined) throw new HttpProblem(400, "this is no question about subtrees");
      const shapes = view.subtrees(epoch, prefixes);
      if (shapes === undefined)
        throw new HttpProblem(404, "this witness has no inventory of that epoch, or not any more");
      return { type: SUBTREES.type, body: writeShapes(shapes) };
    },
  });
