import type { Answer } from "../answer.js";
import type { ListFormat } from "../formats/list-format.js";
import { FRAME_LISTS, READING_LISTS } from "../formats/lists.js";
import { chooseFormat } from "../negotiate.js";
import { batches, linkTo, pageOf, streamOf } from "../paging.js";
import { after, from, kid, limit, oneOf, until } from "../parameter.js";
import { type Content, type Route, route } from "../route.js";
import type { Services } from "../services.js";
import { enrolled } from "./devices.js";

/** Frames of a page where no number is given and the format is read as a whole. */
const PAGE = 100;

export const framesRoute = (services: Services): Route =>
  listRoute(
    services,
    "frames",
    "Frames of one device in the order of signing, with their verdicts",
    FRAME_LISTS,
    [
      { type: FRAME_LISTS.json.type, schema: "Frames" },
      { type: FRAME_LISTS.ndjson.type, lines: "Frame" },
      { type: FRAME_LISTS.csv.type },
      { type: FRAME_LISTS.cborseq.type },
      { type: FRAME_LISTS.senml.type, schema: "Senml" },
    ],
  );

export const readingsRoute = (services: Services): Route =>
  listRoute(
    services,
    "readings",
    "Readings of one device, one row each; pages are counted in frames",
    READING_LISTS,
    [
      { type: READING_LISTS.json.type, schema: "Readings" },
      { type: READING_LISTS.ndjson.type, lines: "Reading" },
      { type: READING_LISTS.csv.type },
    ],
  );

function listRoute(
  services: Services,
  name: string,
  summary: string,
  lists: Readonly<Record<string, ListFormat>>,
  contents: readonly Content[],
): Route {
  const { view, downloads } = services;
  const types = Object.fromEntries(Object.entries(lists).map(([word, { type }]) => [word, type]));
  const format = oneOf(Object.keys(types), "the format; Accept does the same");
  return route({
    url: `/v1/devices/:kid/${name}`,
    summary,
    description:
      "With `limit` it is a page, and Link leads to the next one. Without it, JSON has " +
      `${PAGE} frames, and the other formats all there are, as a stream.`,
    path: { kid },
    query: { from, until, after, limit, format },
    contents,
    others: { 404: "Problem", 406: "Problem" },
    answer(path, query, asker): Answer {
      const { did } = enrolled(view, path.kid);
      const word = chooseFormat(types, query.format, asker.accept);
      const { type, isStream, write } = lists[word] as ListFormat;
      const { from, until, after } = query;
      const wanted = { kid: path.kid, from, until, after };
      const headers = { vary: "accept", ...namedFile(word, `${path.kid}-${name}`) };
      const limit = query.limit ?? (isStream ? undefined : PAGE);
      if (limit === undefined) {
        const release = downloads.take(asker.address);
        return { type, headers, body: streamOf(write(batches(view, wanted), did), release) };
      }
      const found = view.frames({ ...wanted, limit: limit + 1 });
      const { items, last } = pageOf(found, limit, ({ bytes }) => bytes.length);
      const next = last && {
        from,
        until,
        limit,
        format: query.format,
        after: `${last.boot}:${last.sequence}`,
      };
      const body = Buffer.concat([...write([items], did)].map((piece) => Buffer.from(piece)));
      return { type, headers: { ...headers, ...(next && linkTo(next)) }, body };
    },
  });
}

/** What browsers are to save, and under which name. */
const namedFile = (word: string, name: string): Record<string, string> =>
  word === "csv" || word === "cborseq"
    ? { "content-disposition": `attachment; filename="${name}.${word}"` }
    : {};
