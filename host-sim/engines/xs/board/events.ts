import type { AgentEvent } from "../../../../agent/agent-ports.js";
import { FromBoard } from "../messages.js";
import { host } from "./host.js";
import { ascii } from "./text.js";

/** Tells Node, with messages.ts's `FromBoard`. */
export function observe(event: AgentEvent): void {
  switch (event.type) {
    case "signed":
      host.send(FromBoard.signed, event.position.sequence, event.position.boot, event.bytes, event.readings);
      break;
    case "acknowledged":
      host.send(FromBoard.acknowledged, event.position.sequence, event.position.boot);
      break;
    case "sensor-failed":
      host.send(FromBoard.sensorFailed, event.sensor, ascii(event.reason));
      break;
    case "storage-failed":
      host.send(FromBoard.storageFailed, 0, ascii(event.reason));
      break;
    case "recovered":
      host.send(FromBoard.recovered, event.pending, event.read);
      break;
    case "sector-failed":
      host.send(FromBoard.sectorFailed, event.sector, ascii(event.reason));
      break;
    case "link-opened":
      host.send(FromBoard.linkOpened, 0, ascii(event.link));
      break;
    case "link-closed": {
      const { link, reason, wasOpen } = event;
      host.send(FromBoard.linkClosed, wasOpen ? 1 : 0, link.length, ascii(link), ascii(reason));
      break;
    }
  }
}
