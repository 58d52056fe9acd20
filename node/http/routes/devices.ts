import type { EnrolledView, WitnessView } from "../../../network/witness/view.js";
import { JSON_TYPE, jsonAnswer } from "../answer.js";
import { base64, deviceRecord } from "../formats/frame.js";
import { linkTo, pageOf } from "../paging.js";
import { afterKid, kid, limit } from "../parameter.js";
import { HttpProblem } from "../problem.js";
import { type Route, route } from "../route.js";
import type { Services } from "../services.js";

const PAGE = 100;

export const devicesRoute = ({ view }: Services): Route =>
  route({
    url: "/v1/devices",
    summary: "Devices that are enrolled, in the order of their kids",
    path: {},
    query: { after: afterKid, limit },
    contents: [{ type: JSON_TYPE, schema: "Devices" }],
    answer(_path, { after, limit = PAGE }) {
      const { items, last } = pageOf(view.devices(after, limit + 1), limit, () => 0);
      const link = last === undefined ? {} : linkTo({ limit, after: last.kid });
      return jsonAnswer({ devices: items.map(deviceRecord) }, link);
    },
  });

export const deviceRoute = ({ view }: Services): Route =>
  route({
    url: "/v1/devices/:kid",
    summary: "One device",
    path: { kid },
    query: {},
    contents: [{ type: JSON_TYPE, schema: "Device" }],
    others: { 404: "Problem" },
    answer: (path) => jsonAnswer(deviceRecord(enrolled(view, path.kid))),
  });

export const evidenceRoute = ({ view }: Services): Route =>
  route({
    url: "/v1/devices/:kid/evidence",
    summary: "Frames that contradict others of the device, each beside that other, as they were signed",
    path: { kid },
    query: {},
    contents: [{ type: JSON_TYPE, schema: "Evidence" }],
    others: { 404: "Problem" },
    answer(path) {
      enrolled(view, path.kid);
      const evidence = view.evidence(path.kid);
      return jsonAnswer({
        evidence: evidence.map(([first, other]) => ({ first: base64(first), other: base64(other) })),
      });
    },
  });

/** Throws HttpProblem 404 where the registry does not have it. */
export function enrolled(view: WitnessView, kid: string): EnrolledView {
  const device = view.device(kid);
  if (device === undefined) throw new HttpProblem(404, `no device ${kid} is enrolled: see /v1/devices`);
  return device;
}
