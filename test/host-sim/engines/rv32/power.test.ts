import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createFrameChecker } from "../../../../agent/frame/check.js";
import { createSigner, signatureChecker } from "../../../../node/ports/signer.js";
import { temporaryFolder } from "../../../support/cli.js";
import { NETWORK } from "../xs/virtual-board.js";
import { bundleAgent, COMPILE_TIMEOUT, KEY } from "../xs/xs-host.js";
import { emulatedImage } from "./emulated.js";
import { PoweredSite } from "./power.js";

/** A hundred, with FIELDMARK_POWER_CUTS=100. */
const CUTS = Number(process.env.FIELDMARK_POWER_CUTS ?? 20);
/** A turn that signs and stores takes some milliseconds of qemu's time; so all of it is hit. */
const LONGEST = 12;

test(
  `qemu is killed ${CUTS} times, at any moment: nothing is signed twice, and nothing that was durable is lost`,
  async () => {
    const site = new PoweredSite(await emulatedImage(await bundleAgent()), join(temporaryFolder(), "board"));
    let seed = 1;
    const random = () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return seed / 2 ** 32;
    };
    for (let i = 0; i < CUTS; i++)
      await site.live(100, { cut: { message: Math.floor(random() * 12), delay: random() * LONGEST } });
    await site.live(200, { isLast: true });
    expect(site.flaws()).toEqual([]);
    expect(site.recovered).toHaveLength(CUTS + 1);
    expect(Math.max(...site.recovered)).toBeGreaterThan(0);
    expect(site.frames.size).toBeGreaterThan(CUTS / 2);
    const { publicKey } = createSigner(KEY);
    const checker = createFrameChecker({ network: NETWORK, publicKey: () => publicKey }, signatureChecker);
    const results = [...site.frames.values()].map((hex) =>
      checker.check(Uint8Array.from(Buffer.from(hex, "hex"))),
    );
    expect(results.filter((result) => "failure" in result)).toEqual([]);
  },
  COMPILE_TIMEOUT + 10_000 * CUTS,
);
