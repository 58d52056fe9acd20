/** MQTT topics: `fieldmark/1/<network>/<device>/<kind>`. The 1 is the wire's version. */
const ROOT = "fieldmark/1";

/** Where a device publishes its frames: QoS 1, one frame a message, never retained. */
export function frameTopic(network: string, device: string): string {
  return `${ROOT}/${network}/${device}/frame`;
}

/** Filter for the frames of all devices of a network. */
export function frameFilter(network: string): string {
  return frameTopic(network, "+");
}

/** Where a device says whether it is there, and how it does: retained, QoS 1. */
export function statusTopic(network: string, device: string): string {
  return `${ROOT}/${network}/${device}/status`;
}

/** Where a device is told what its owner orders: signed, QoS 1, retained until the next order. */
export function commandTopic(network: string, device: string): string {
  return `${ROOT}/${network}/${device}/command`;
}

/** Where a device says, signed, what became of an order: QoS 1, retained for orders of its owner (docs/provisioning.md). */
export function eventTopic(network: string, device: string): string {
  return `${ROOT}/${network}/${device}/event`;
}

/** Where witnesses tell a device which of its frames they hold: signed, QoS 1, never retained (agent/receipt). */
export function receiptTopic(network: string, device: string): string {
  return `${ROOT}/${network}/${device}/receipt`;
}

/** What a broker says in the device's stead when its session ends: the link's last will, retained, on the status topic. */
export const OFFLINE_STATUS = '{"state":"offline"}';
