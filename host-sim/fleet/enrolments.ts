import { join } from "node:path";
import { hex, kidOfKey } from "../../agent/cose/kid.js";
import { didOfKey } from "../../agent/frame/identity.js";
import { writeStatement } from "../../agent/provision/statement.js";
import { ownersChallenge } from "../../network/enrolment/owners-challenge.js";
import { ENROLMENT_SUFFIX } from "../../network/enrolment/sequence.js";
import { writeRegistryStatement } from "../../network/enrolment/write-statement.js";
import type { EnrolledSensor } from "../../network/verify/registry.js";
import { overwriteFile } from "../../node/files.js";
import { makeFolder } from "../../node/ports/key-value.js";
import { createSigner, newPrivateKey } from "../../node/ports/signer.js";
import type { Identity } from "./identities.js";

/** Seconds before now from which on the boards are enrolled: clocks need not agree. */
const BEFORE = 60;
const NOTHING = new Uint8Array(0);

export interface EnrolmentsParts {
  /** Where the file of statements goes; it is made where it is not there. */
  readonly folder: string;
  readonly network: string;
  readonly identities: readonly Identity[];
  readonly sensors: readonly EnrolledSensor[];
  readonly configurations: readonly string[];
}

/**
 * Enrols the boards of a run as owners do it: by signed statements, in one file. The owner is made for
 * this run, and its key is kept nowhere.
 */
export function writeEnrolments(parts: EnrolmentsParts): void {
  const { folder, network, identities, sensors, configurations } = parts;
  const owner = createSigner(newPrivateKey());
  const date = Math.floor(Date.now() / 1000) - BEFORE;
  const standing = { owner: NOTHING, ownership: NOTHING, session: new Uint8Array(8) };
  const statements = identities.map(({ name, privateKey, publicKey }) => {
    const board = createSigner(privateKey);
    const kid = kidOfKey(publicKey, board);
    const identity = {
      did: didOfKey(publicKey),
      kid,
      device: hex(kid),
      network,
      firmware: "fieldmark",
      version: "",
      chip: "",
      model: "simulated",
      quantities: sensors.map(({ name, unit, cadence }) => ({ name, unit, interval: 1000 * cadence })),
      configuration: configurations[0] ?? "",
    };
    const challenge = ownersChallenge(newPrivateKey().subarray(0, 16), owner.publicKey, board);
    return writeRegistryStatement(
      {
        kind: "enrol",
        network,
        device: publicKey,
        previous: NOTHING,
        date,
        place: { site: name },
        proof: writeStatement(identity, standing, challenge, board),
        sensors,
        configurations: [...configurations].sort(),
      },
      owner,
    );
  });
  makeFolder(folder);
  overwriteFile(join(folder, `fleet${ENROLMENT_SUFFIX}`), Buffer.concat(statements));
}
