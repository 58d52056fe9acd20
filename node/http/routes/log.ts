import type { Answer } from "../answer.js";
import type { Parameter } from "../parameter.js";
import { HttpProblem } from "../problem.js";
import { type Route, route } from "../route.js";
import type { Services } from "../services.js";

/** C2SP tlog-tiles, "Checkpoints" and "Merkle Tree": media types, what may be kept, and paths. */
const CHECKPOINT = "checkpoint";
const CHECKPOINT_TYPE = "text/plain; charset=utf-8";
const TILE_TYPE = "application/octet-stream";
const LEVEL = "(?:[0-9]|[1-5][0-9]|6[0-3])";
const INDEX = "(?:x[0-9]{3}/){0,6}[0-9]{3}";
const WIDTH = "(?:[1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])";
const PATH = new RegExp(`^(?:${CHECKPOINT}|tile/(?:entries|${LEVEL})/${INDEX}(?:\\.p/${WIDTH})?)$`);
/** A tile of some width never changes, whole or partial. A year is the most that caches heed. */
const FOR_EVER = "public, max-age=31536000, immutable";

const NOTHING = "the log has no such file: its paths are checkpoint, tile/LEVEL/INDEX and tile/entries/INDEX";

const path: Parameter<string> = {
  description: "of a file: `checkpoint`, `tile/0/000`, `tile/entries/x001/234.p/5`",
  schema: { type: "string", pattern: PATH.source },
  read(text) {
    if (!PATH.test(text)) throw new HttpProblem(404, NOTHING);
    return text;
  },
};

export const logRoute = ({ view }: Services): Route =>
  route({
    url: "/log/*",
    summary: "The witness's transparency log (C2SP tlog-tiles); its URL prefix is this server's /log",
    path: { "*": path },
    query: {},
    contents: [{ type: CHECKPOINT_TYPE }, { type: TILE_TYPE }],
    others: { 404: "Problem" },
    answer({ "*": name }): Answer {
      const body = view.logFile(name);
      if (body === undefined) throw new HttpProblem(404, NOTHING);
      if (name === CHECKPOINT) return { type: CHECKPOINT_TYPE, body };
      return { type: TILE_TYPE, body, headers: { "cache-control": FOR_EVER } };
    },
  });
