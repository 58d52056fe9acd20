import { MAX_ADD_CHECKPOINT_BYTES, SIZE_TYPE } from "../../../network/log/add-checkpoint.js";
import type { Answer } from "../answer.js";
import type { Parameter } from "../parameter.js";
import { HttpProblem } from "../problem.js";
import { type Content, type Route, route } from "../route.js";
import type { Services } from "../services.js";

const TEXT: Content = { type: "text/plain; charset=utf-8" };
const NOTHING = "nothing of this log was cosigned here: name it by SHA-256 of its name, in lower-case hex";
const ORIGIN = /^[0-9a-f]{64}$/;

const origin: Parameter<string> = {
  description: "SHA-256 of the log's name, in lower-case hex",
  schema: { type: "string", pattern: ORIGIN.source },
  read(text) {
    if (!ORIGIN.test(text)) throw new HttpProblem(404, NOTHING);
    return text;
  },
};

/** C2SP tlog-witness, "Monitor Retrieval Mechanism". */
export const cosignedRoute = ({ view }: Services): Route =>
  route({
    url: "/cosigned/:origin/checkpoint",
    summary: "The last checkpoint that this witness cosigned of a peer's log (C2SP tlog-witness)",
    path: { origin },
    query: {},
    contents: [TEXT],
    others: { 404: "Problem" },
    answer({ origin }): Answer {
      const body = view.cosigned(origin);
      if (body === undefined) throw new HttpProblem(404, NOTHING);
      return { type: TEXT.type, body };
    },
  });

/** C2SP tlog-witness, "add-checkpoint". */
export const addCheckpointRoute = ({ view }: Services): Route =>
  route({
    url: "/add-checkpoint",
    summary: "Cosigns a peer's checkpoint (C2SP tlog-witness). The answer is the cosignature's line",
    path: {},
    query: {},
    body: {
      type: "text/plain",
      description: "`old N`, a line in base64 for each hash of the proof, an empty line, the checkpoint",
      limit: MAX_ADD_CHECKPOINT_BYTES,
    },
    contents: [TEXT],
    others: {
      400: TEXT,
      403: TEXT,
      404: TEXT,
      409: { type: SIZE_TYPE, lines: "size, the one that was cosigned last" },
      413: "Problem",
      422: TEXT,
      503: TEXT,
    },
    answer(_path, _query, { body: sent }): Answer {
      const { status, type, body } = view.addCheckpoint(sent);
      return { status, type, body };
    },
  });
