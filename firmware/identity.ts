import { hex, kidOfKey } from "../agent/cose/kid.js";
import type { Signer } from "../agent/ports/signer.js";
import type { BoardIdentity, MeasuredQuantity } from "../agent/provision/host.js";
import { type Given, text } from "../agent/settings/given.js";
import { sensorConfiguration } from "../agent/settings/sensor-configuration.js";
import type { Settings } from "../agent/settings/settings.js";
import { didOf } from "./did.js";

/** What this device says that it is. `config`: the manifest's, which names board, chip and version. Throws InputError where it does not. */
export function identityOf(signer: Signer, { network, sensors }: Settings, config: object): BoardIdentity {
  const kid = kidOfKey(signer.publicKey, signer);
  const given: Given = { ...config };
  const quantities: MeasuredQuantity[] = [];
  for (const { interval, channels } of sensors)
    for (const { name, unit } of channels) quantities.push({ name, unit, interval });
  return {
    did: didOf(signer.publicKey),
    kid,
    device: hex(kid),
    network,
    firmware: "fieldmark",
    version: text(given, "version"),
    chip: text(given, "chip"),
    model: text(given, "board"),
    quantities,
    configuration: sensorConfiguration(sensors, signer),
  };
}
