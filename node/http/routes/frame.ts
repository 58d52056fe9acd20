import { visibleJson } from "../../../text/visible.js";
import { type Answer, JSON_TYPE } from "../answer.js";
import { frameRecord } from "../formats/frame.js";
import { SENML_CBOR_TYPE, SENML_JSON_TYPE, senmlRecords, signedPack } from "../formats/senml.js";
import { chooseFormat } from "../negotiate.js";
import { boot, kid, oneOf, sequence } from "../parameter.js";
import { HttpProblem } from "../problem.js";
import { type Route, route } from "../route.js";
import type { Services } from "../services.js";
import { enrolled } from "./devices.js";

const TYPES = {
  json: JSON_TYPE,
  /** RFC 9052 §11.1: the bytes say by their tag that they are a COSE_Sign1. */
  cose: "application/cose",
  "senml-cbor": SENML_CBOR_TYPE,
  senml: SENML_JSON_TYPE,
} as const;
type Word = keyof typeof TYPES;

const format = oneOf(Object.keys(TYPES) as Word[], "the format; Accept does the same");

export const frameRoute = ({ view }: Services): Route =>
  route({
    url: "/v1/devices/:kid/frames/:boot/:sequence",
    summary: "One frame: what it says, the bytes as they were signed, or the SenML in them",
    description:
      "`senml-cbor` is the payload as it was signed, `senml` its records, resolved: only of a frame " +
      "that is `ok` and has a date.",
    path: { kid, boot, sequence },
    query: { format },
    contents: [
      { type: TYPES.json, schema: "Frame" },
      { type: TYPES.cose },
      { type: TYPES["senml-cbor"] },
      { type: TYPES.senml, schema: "Senml" },
    ],
    others: { 404: "Problem", 406: "Problem" },
    answer({ kid, boot, sequence }, query, { accept }): Answer {
      const { did } = enrolled(view, kid);
      const frame = view.frame(kid, { boot, sequence });
      if (frame === undefined)
        throw new HttpProblem(
          404,
          `no frame ${boot}:${sequence} of ${kid} came: see /v1/devices/${kid}/frames`,
        );
      const word = chooseFormat(TYPES, query.format, accept) as Word;
      const answer = { type: TYPES[word], headers: { vary: "accept" } };
      if (word === "json") return { ...answer, body: visibleJson(frameRecord(frame)) };
      if (word === "cose") return { ...answer, body: frame.bytes };
      if (word === "senml-cbor") return { ...answer, body: signedPack(frame) };
      const records = senmlRecords(frame, did);
      if (records.length > 0) return { ...answer, body: visibleJson(records) };
      throw new HttpProblem(
        406,
        "SenML with dates is there of frames that are ok and dated: take senml-cbor",
      );
    },
  });
