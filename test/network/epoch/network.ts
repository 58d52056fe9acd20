import { digestOf } from "../../../network/bytes.js";
import type { Description } from "../../../network/epoch/description.js";
import type { NamedInventory } from "../../../network/epoch/inputs.js";
import { writeBody } from "../../../network/inventory/body.js";
import { domainSeparator, NO_CHAIN } from "../../../network/statement/domain.js";
import { inventoryDigest } from "../../../network/statement/statements.js";
import { hasher } from "../../../node/ports/signer.js";
import { createStatementSigner } from "../../../node/ports/statement-keys.js";
import { TEST_NETWORK } from "../../support/frames.js";

export const DOMAIN = domainSeparator(NO_CHAIN);
export const SECONDS = 100;
/** Of the date of the test frames. */
export const EPOCH = 17_950_000;

const SIGNERS = [1, 2, 3, 4].map((seed) => createStatementSigner(new Uint8Array(32).fill(200 + seed)));

/** Four witnesses, of which one may lie. */
export const DESCRIPTION: Description = {
  network: TEST_NETWORK,
  seconds: SECONDS,
  window: 3,
  delay: 500,
  witnesses: SIGNERS.map(({ publicKey }, at) => ({
    name: `w${at}`,
    key: publicKey,
    url: `https://w${at}.example`,
    log: `w${at}+00000000+a`,
    cosigner: `w${at}+00000000+b`,
  })),
  quorum: 3,
  rule: { version: 1, name: "none" },
  chain: undefined,
  owners: "any",
};

/** What a witness signs for an epoch. */
export function inventory(
  witness: number,
  epoch = EPOCH,
  { window, root = new Uint8Array(32).fill(witness) } = { window: DESCRIPTION.window } as {
    window: number;
    root?: Uint8Array;
  },
): NamedInventory {
  const until = (epoch + 1) * SECONDS;
  const body = { root, frames: 1, from: until - window * SECONDS, until };
  const digest = inventoryDigest(DOMAIN, {
    network: TEST_NETWORK,
    epoch,
    body: digestOf(writeBody(body), hasher),
  });
  return { witness, epoch, body, signature: (SIGNERS[witness] as (typeof SIGNERS)[0]).sign(digest) };
}
