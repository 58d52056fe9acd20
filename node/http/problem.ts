import { STATUS_CODES } from "node:http";
import { visibleJson, visibleLine } from "../../text/visible.js";
import type { Answer } from "./answer.js";

export const PROBLEM_TYPE = "application/problem+json";

/** What is answered instead of what was asked for: a status, and in plain words what to do. */
export class HttpProblem extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
    /** For programs, where a status does not say which of several things is wrong. */
    readonly code?: string,
  ) {
    super(detail);
  }
}

/**
 * Problem details in JSON (RFC 9457 §3). The type is left out, which means `about:blank`: the
 * status says what kind it is (§4.2.1).
 */
export function problemAnswer({ status, message, headers, code }: HttpProblem): Answer {
  const title = STATUS_CODES[status] ?? "Error";
  return {
    status,
    type: PROBLEM_TYPE,
    headers,
    body: visibleJson({ title, status, detail: visibleLine(message), code }),
  };
}
