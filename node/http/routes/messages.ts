import { fitting, MAX_PARCEL_BYTES, readParcel, writeParcel } from "../../../network/epoch/parcel.js";
import { HttpProblem } from "../problem.js";
import { type Content, type Route, route } from "../route.js";
import type { Services } from "../services.js";

const PARCEL: Content = { type: "application/cbor" };

/** Between witnesses. The rate limit does not count it: a parcel is small, and read up to its bound. */
export const messagesRoute = ({ view }: Services): Route =>
  route({
    url: "/v1/messages",
    summary: "Takes messages of other witnesses, and answers with messages for them (docs/network.md)",
    path: {},
    query: {},
    body: {
      type: PARCEL.type,
      description: "a CBOR array of byte strings, 64 at most",
      limit: MAX_PARCEL_BYTES,
    },
    contents: [PARCEL],
    others: { 400: "Problem", 413: "Problem" },
    isFree: true,
    answer(_path, _query, { body }) {
      const messages = readParcel(body);
      if (messages === undefined) throw new HttpProblem(400, "this is no parcel of messages");
      const replies = messages.flatMap((message) => view.receive(message));
      const taken = replies.length === 0 ? [] : replies.slice(0, fitting(replies));
      return { type: PARCEL.type, body: writeParcel(taken) };
    },
  });
