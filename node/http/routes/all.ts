import { JSON_TYPE } from "../answer.js";
import { describe } from "../openapi/description.js";
import { type Route, route } from "../route.js";
import type { Services } from "../services.js";
import { addCheckpointRoute, cosignedRoute } from "./cosigner.js";
import { deviceRoute, devicesRoute, evidenceRoute } from "./devices.js";
import { enrolmentsRoute } from "./enrolments.js";
import { eventsRoute } from "./events.js";
import { frameRoute } from "./frame.js";
import { framesRoute, readingsRoute } from "./frames.js";
import { framesByPlaceRoute } from "./frames-by-place.js";
import { healthRoute, readyRoute } from "./health.js";
import { subtreesRoute } from "./inventories.js";
import { logRoute } from "./log.js";
import { metricsRoute } from "./metrics.js";
import { receiptRoute } from "./receipt.js";
import { rejectionsRoute } from "./rejections.js";
import { stateRoute } from "./state.js";

const ROUTES = [
  healthRoute,
  readyRoute,
  stateRoute,
  devicesRoute,
  deviceRoute,
  framesRoute,
  frameRoute,
  receiptRoute,
  readingsRoute,
  evidenceRoute,
  rejectionsRoute,
  eventsRoute,
  logRoute,
  cosignedRoute,
  addCheckpointRoute,
  enrolmentsRoute,
  subtreesRoute,
  framesByPlaceRoute,
  metricsRoute,
];

/** All routes, the one that describes them too. */
export function allRoutes(services: Services): Route[] {
  let text = "";
  const description = route({
    url: "/openapi.json",
    summary: "This description",
    path: {},
    query: {},
    contents: [{ type: JSON_TYPE }],
    answer: () => ({ type: JSON_TYPE, body: text }),
  });
  const routes = [...ROUTES.map((make) => make(services)), description];
  text = JSON.stringify(describe(routes, services.view.state().version));
  return routes;
}
