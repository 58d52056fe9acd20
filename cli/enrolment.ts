import { InputError } from "../agent/input-error.js";
import type { Signer } from "../agent/ports/signer.js";
import type { EnrolledDevice } from "../network/verify/registry.js";
import { type EnrolmentToSign, enrolmentsBeside, signEnrolment } from "../node/provision/enrolment-files.js";
import { proof } from "../node/provision/proof.js";
import { register } from "../node/provision/registry-file.js";
import { OperationError } from "../provision/events.js";
import type { CommissionOptions } from "../provision/operations/commission.js";
import { enrolledSensors, rangesOf } from "../provision/site/ranges.js";
import type { Site } from "../provision/site/site.js";

/** What is entered: a device as the registry has it, and by what its owner signs for it. */
export interface Entering {
  readonly registry: string;
  readonly network: string;
  readonly device: EnrolledDevice;
  /** The device's kid in hex. */
  readonly kid: string;
  /** The board's own statement. */
  readonly proof: Uint8Array;
  readonly owner: Signer | undefined;
}

/**
 * Whether the registry file had it not, and the file of what the owner signed; undefined where
 * nothing was.
 */
export interface Entered {
  readonly isNew: boolean;
  readonly enrolment: string | undefined;
}

/**
 * Puts a device into the registry file and, where the owner's key is here and the board proved
 * itself to it, the owner's statement into the folder beside that, for witnesses. Throws
 * OperationError.
 */
export function enter({ registry, network, device, kid, proof, owner }: Entering): Entered {
  const signed = owner && sign({ folder: enrolmentsBeside(registry), network, device, kid, proof, owner });
  const isNew = register(registry, network, device);
  return { isNew, enrolment: signed?.write() };
}

/** What cannot be signed is told before anything is written. */
function sign(given: EnrolmentToSign): ReturnType<typeof signEnrolment> {
  try {
    return signEnrolment(given);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new OperationError(
      "enrol",
      "enrolled-already",
      `the owner's statement cannot be signed: ${error.message}`,
      "See what there is: fieldmark registry show. A device that is another's moves by that owner's word: fieldmark registry move.",
    );
  }
}

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
    async register({ statement, statementBytes: proof, device: kid }, place) {
      const { did, configuration, quantities } = statement;
      const device = {
        did,
        site,
        enrolled: new Date().toISOString(),
        ...place,
        sensors: enrolledSensors(quantities, sensors),
        configurations: [configuration],
      };
      enter({ registry, network, device, kid, proof, owner });
    },
    owner,
    ownerKey,
  };
}
