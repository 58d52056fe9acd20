import type { Answer } from "./answer.js";
import { type Parameters, readParameters, type Values } from "./parameter.js";

/** Who asks, and what for, beside the address. */
export interface Asker {
  readonly address: string;
  readonly accept: string | undefined;
  /** What was sent. Empty where the route takes no body. */
  readonly body: Uint8Array;
}

/** What a route says when all is well, for the OpenAPI description. */
export interface Content {
  /** Media type. */
  readonly type: string;
  /** Of components/schemas; none where it is bytes or lines. */
  readonly schema?: string;
  /** Of each line, where there are several. */
  readonly lines?: string;
}

/** What is sent to a route that takes something. */
export interface Body {
  /** Media type, for people: any is taken. */
  readonly type: string;
  readonly description: string;
  /** Bytes at most; more is answered by 413. */
  readonly limit: number;
}

export interface Route {
  /** Left out: it is asked for, by GET or HEAD. Else this is sent to it, by POST. */
  readonly body?: Body;
  /** As fastify has it: `/v1/devices/:kid`. */
  readonly url: string;
  readonly summary: string;
  readonly description?: string;
  readonly path: Parameters;
  readonly query: Parameters;
  readonly contents: readonly Content[];
  /** Statuses beside 200 and those that every route has, and what they say: a schema's name, or lines. */
  readonly others?: Readonly<Record<number, string | Content>>;
  /** The rate limit does not count it. */
  readonly isFree?: boolean;
  answer(params: unknown, query: unknown, asker: Asker): Answer | Promise<Answer>;
}

interface Definition<P extends Parameters, Q extends Parameters>
  extends Omit<Route, "path" | "query" | "answer"> {
  readonly path: P;
  readonly query: Q;
  answer(path: Values<P>, query: Partial<Values<Q>>, asker: Asker): Answer | Promise<Answer>;
}

/** A route whose parameters are read before it answers. */
export function route<P extends Parameters, Q extends Parameters>(definition: Definition<P, Q>): Route {
  const { path, query } = definition;
  return {
    ...definition,
    answer: (params, given, asker) =>
      definition.answer(readParameters(params, path) as Values<P>, readParameters(given, query), asker),
  };
}
