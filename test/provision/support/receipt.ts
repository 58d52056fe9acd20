import { base64 } from "@scure/base";
import { writeStatement } from "../../../agent/provision/statement.js";
import { createSigner, signatureChecker } from "../../../node/ports/signer.js";
import { countersign } from "../../../provision/operations/enrol.js";
import type { Receipt } from "../../../provision/operations/receipt.js";
import { enrolledSensors, rangesOf } from "../../../provision/site/ranges.js";
import { RecordedHost } from "../../agent/provision/recorded-host.js";
import { makeFrame } from "../../support/frames.js";

export const receiptOwner = createSigner(new Uint8Array(32).fill(3));

const NOBODY = new Uint8Array(0);
const STANDING = { owner: NOBODY, ownership: NOBODY, session: new Uint8Array(8) };

/** What a receipt is checked against, besides its owner. */
export const RECEIPT_CHECK = {
  network: "demo",
  checker: signatureChecker,
  ranges: (quantities: Receipt["sensors"]) => rangesOf(enrolledSensors(quantities, {})),
};

/** A receipt that is good, of a board that measures `quantities`. */
export function wholeReceipt(quantities?: Receipt["sensors"]): Receipt {
  const { identity: bench, signer } = new RecordedHost();
  const identity = { ...bench, ...(quantities !== undefined && { quantities }) };
  const statement = writeStatement(identity, STANDING, new Uint8Array(32).fill(9), signer);
  return {
    receipt: 1,
    device: identity.device,
    did: identity.did,
    kid: identity.device,
    chip: identity.chip,
    mac: "34:85:18:00:00:0a",
    model: identity.model,
    firmware: { name: identity.firmware, version: identity.version, manifestSha256: null },
    network: "demo",
    site: "roof",
    name: "roof 1",
    position: { lat: 1, lon: 2 },
    sensors: identity.quantities,
    at: new Date(1_795_000_000_000).toISOString(),
    frame: base64.encode(makeFrame(undefined, {}, { signer })),
    statement: base64.encode(statement),
    countersigned: base64.encode(countersign("demo", "roof", statement, receiptOwner)),
  };
}
