import { InputError } from "../../../agent/input-error.js";
import { writeReceipt } from "../../../network/witness/frame-receipt.js";
import { visibleJson } from "../../../text/visible.js";
import { type Answer, JSON_TYPE } from "../answer.js";
import { boot, kid, sequence } from "../parameter.js";
import { HttpProblem } from "../problem.js";
import { type Route, route } from "../route.js";
import type { Services } from "../services.js";
import { enrolled } from "./devices.js";

export const receiptRoute = ({ view }: Services): Route =>
  route({
    url: "/v1/devices/:kid/frames/:boot/:sequence/receipt",
    summary: "The proof that this witness has a frame: fieldmark verify --receipt checks it",
    path: { kid, boot, sequence },
    query: {},
    contents: [{ type: JSON_TYPE, schema: "Receipt" }],
    others: { 404: "Problem" },
    answer({ kid, boot, sequence }): Answer {
      enrolled(view, kid);
      try {
        const receipt = writeReceipt(view.receipt(kid, { boot, sequence }));
        return { type: JSON_TYPE, body: visibleJson(receipt) };
      } catch (error) {
        if (error instanceof InputError) throw new HttpProblem(404, error.message);
        throw error;
      }
    },
  });
