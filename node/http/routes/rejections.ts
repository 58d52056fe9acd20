import { JSON_TYPE, jsonAnswer } from "../answer.js";
import { rejectionRecord } from "../formats/frame.js";
import { linkTo, pageOf } from "../paging.js";
import { before, limit } from "../parameter.js";
import { type Route, route } from "../route.js";
import type { Services } from "../services.js";

const PAGE = 100;

export const rejectionsRoute = ({ view }: Services): Route =>
  route({
    url: "/v1/rejections",
    summary: "Messages that were refused, the newest first, with their bytes: nothing in them is proven",
    path: {},
    query: { before, limit },
    contents: [{ type: JSON_TYPE, schema: "Rejections" }],
    answer(_path, { before, limit = PAGE }) {
      const { items, last } = pageOf(view.rejections(before, limit + 1), limit, ({ bytes }) => bytes.length);
      const link = last === undefined ? {} : linkTo({ limit, before: last.number });
      return jsonAnswer({ rejections: items.map(rejectionRecord) }, link);
    },
  });
