import type { RefusalCode } from "../../../network/enrolment/refusal.js";
import { MAX_STATEMENT_BYTES } from "../../../network/enrolment/statement.js";
import { type Answer, jsonAnswer } from "../answer.js";
import { HttpProblem } from "../problem.js";
import { type Route, route } from "../route.js";
import type { Services } from "../services.js";

/** Others are 409: they contradict what is in force. */
const STATUSES: Partial<Record<RefusalCode, number>> = {
  malformed: 400,
  "wrong-network": 422,
  "bad-signature": 422,
  "not-accepted": 422,
  "bad-proof": 422,
  "unknown-owner": 403,
  full: 507,
};

/** What is refused has the book's own word for it as `code`. */
export const enrolmentsRoute = ({ view }: Services): Route =>
  route({
    url: "/v1/enrolments",
    summary: "Takes an owner's statement about a device. It is kept before this answers",
    description:
      "entered: in force, and in the log within seconds. known: it was before. waits: for the statement that it follows.",
    path: {},
    query: {},
    body: {
      type: "application/cose",
      description: "One statement as fieldmark enrol, batch and registry write it",
      limit: MAX_STATEMENT_BYTES,
    },
    contents: [{ type: "application/json", schema: "Enrolment" }],
    others: {
      400: "Problem",
      403: "Problem",
      404: "Problem",
      409: "Problem",
      413: "Problem",
      422: "Problem",
      507: "Problem",
    },
    answer(_path, _query, { body }): Answer {
      const outcome = view.enrol(body);
      if (outcome === undefined)
        throw new HttpProblem(404, "this witness takes no statements of owners over HTTP: give it the file");
      if (outcome.type === "refused")
        throw new HttpProblem(STATUSES[outcome.code] ?? 409, outcome.reason, {}, outcome.code);
      const { type, device, id } = outcome;
      const previous = outcome.type === "waits" ? outcome.previous : undefined;
      return jsonAnswer({ outcome: type, device, statement: id, previous });
    },
  });
