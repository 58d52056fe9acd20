import { part } from "./dom.js";

/** Keeps the page in the browser, so that it opens where there is no network. */
export function keepOffline(): void {
  if (!("serviceWorker" in navigator)) return; // over plain http, except on localhost
  navigator.serviceWorker
    .register("service-worker.js", { updateViaCache: "none" })
    .then(() => navigator.serviceWorker.ready)
    .then(() => {
      part("offline").hidden = false;
    })
    .catch(() => {}); // the page works without
}
