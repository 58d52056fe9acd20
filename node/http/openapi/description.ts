import type { Parameters } from "../parameter.js";
import { PROBLEM_TYPE } from "../problem.js";
import type { Body, Content, Route } from "../route.js";
import { SCHEMAS, type Schema } from "./schemas.js";

/** Of routes that have a parameter, and of all of them. */
const BAD_REQUEST = { 400: "Problem" };
const EVERYWHERE = { 429: "Problem", default: "Problem" };

/** The OpenAPI 3.1 description of `routes`. */
export const describe = (routes: readonly Route[], version: string): object => ({
  openapi: "3.1.1",
  info: {
    title: "A Fieldmark witness",
    version,
    description:
      "What a witness has seen, judged and said. It takes what its peers ask it to cosign and, where it is told to, owners' statements.",
    license: { name: "Apache-2.0", identifier: "Apache-2.0" },
  },
  // Relative to where this description is, so that it is right behind a proxy, too.
  servers: [{ url: "." }],
  paths: Object.fromEntries(
    routes.map((route) => [
      pathOf(route),
      { [route.body === undefined ? "get" : "post"]: operationOf(route) },
    ]),
  ),
  components: { schemas: SCHEMAS },
});

/** The rest of a path, which fastify calls `*`. */
const REST = "path";

const pathOf = ({ url }: Route): string => url.replace(/:(\w+)/g, "{$1}").replace("*", `{${REST}}`);

function operationOf({ summary, description, path, query, body, contents, others }: Route): object {
  const parameters = [...described(path, "path"), ...described(query, "query")];
  const failures = { ...(parameters.length > 0 ? BAD_REQUEST : {}), ...others, ...EVERYWHERE };
  return {
    summary,
    description,
    parameters,
    ...(body !== undefined && { requestBody: bodyOf(body) }),
    responses: {
      200: { description: "OK", content: Object.fromEntries(contents.map(contentOf)) },
      ...(body === undefined && { 304: { description: "It is what If-None-Match names" } }),
      ...Object.fromEntries(Object.entries(failures).map(([status, said]) => [status, failure(said)])),
    },
  };
}

const described = (parameters: Parameters, place: "path" | "query") =>
  Object.entries(parameters).map(([name, { description, schema }]) => ({
    name: name === "*" ? REST : name,
    in: place,
    required: place === "path",
    description,
    schema,
  }));

const reference = (schema: string): Schema => ({ $ref: `#/components/schemas/${schema}` });

/** OpenAPI 3.1 has no word for what each line is. */
const contentOf = ({ type, schema, lines }: Content) => [
  type,
  schema !== undefined
    ? { schema: reference(schema) }
    : {
        schema: { description: lines === undefined ? "as its media type has it" : `each line is a ${lines}` },
      },
];

const bodyOf = ({ type, description, limit }: Body) => ({
  required: true,
  description: `${description}; at most ${limit} bytes`,
  content: { [type]: { schema: { type: "string" } } },
});

/** Health is said in its own words, everything else as a problem. */
function failure(said: string | Content): object {
  if (typeof said !== "string")
    return { description: said.type, content: Object.fromEntries([contentOf(said)]) };
  const type = said === "Problem" ? PROBLEM_TYPE : "application/json";
  return { description: said, content: { [type]: { schema: reference(said) } } };
}
