import type { Signer } from "../agent/ports/signer.js";
import { proof } from "../node/provision/proof.js";
import { register } from "../node/provision/registry-file.js";
import type { CommissionOptions } from "../provision/operations/commission.js";
import { enrolledSensors, rangesOf } from "../provision/site/ranges.js";
import type { Site } from "../provision/site/site.js";

export interface EnrolmentInit {
  readonly network: string;
  /** The name of the place. */
  readonly site: string;
  readonly owner?: Signer | undefined;
  /** The owner's public key, where it is all that is known of the owner. */
  readonly ownerKey?: Uint8Array | undefined;
  /** What a site file says of the quantities. */
  readonly sensors: Pick<Site, "sensors">;
  /** The registry's file. */
  readonly registry: string;
}

type Part = "network" | "site" | "checker" | "random" | "now" | "ranges" | "register" | "owner" | "ownerKey";

/** How batch and enrol finish a board: its proof, a reading that is believed, the registry. */
export function enrolmentOptions({
  network,
  site,
  owner,
  ownerKey,
  sensors,
  registry,
}: EnrolmentInit): Pick<CommissionOptions, Part> {
  return {
    network,
    site,
    ...proof,
    now: () => Date.now(),
    ranges: (quantities) => rangesOf(enrolledSensors(quantities, sensors)),
    async register({ statement }, place) {
      const { did, configuration, quantities } = statement;
      register(registry, network, {
        did,
        site,
        enrolled: new Date().toISOString(),
        ...place,
        sensors: enrolledSensors(quantities, sensors),
        configurations: [configuration],
      });
    },
    owner,
    ownerKey,
  };
}
