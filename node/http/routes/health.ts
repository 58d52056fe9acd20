import { visibleJson } from "../../../text/visible.js";
import { type Answer, JSON_TYPE } from "../answer.js";
import { type Route, route } from "../route.js";
import type { Services } from "../services.js";

const CONTENTS = [{ type: JSON_TYPE, schema: "Health" }];

/** For who restarts it: it is well unless it has failed. */
export const healthRoute = ({ view }: Services): Route =>
  route({
    url: "/health",
    summary: "Whether the witness works; 503 once it has failed and must be started again",
    path: {},
    query: {},
    contents: CONTENTS,
    others: { 503: "Health" },
    isFree: true,
    answer: () => healthAnswer(view.state(), (state) => state !== "failed"),
  });

/** For who sends it requests, or relies on it: it takes frames in. */
export const readyRoute = ({ view }: Services): Route =>
  route({
    url: "/ready",
    summary: "Whether frames are taken in; 503 while it catches up, or has no room",
    path: {},
    query: {},
    contents: CONTENTS,
    others: { 503: "Health" },
    isFree: true,
    answer: () => healthAnswer(view.state(), (state) => state === "running"),
  });

function healthAnswer(
  { state, reason }: ReturnType<Services["view"]["state"]>,
  isWell: (state: string) => boolean,
): Answer {
  const headers = { "cache-control": "no-store" };
  return {
    status: isWell(state) ? 200 : 503,
    type: JSON_TYPE,
    body: visibleJson({ state, reason }),
    headers,
  };
}
