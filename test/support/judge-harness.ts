import { didOfKey } from "../../agent/frame/identity.js";
import type { Verdict } from "../../agent/frame/verdict.js";
import { Judge } from "../../network/verify/judge.js";
import type { Judgement } from "../../network/verify/judgement.js";
import { createRegistry, type Registry, type RegistryFile } from "../../network/verify/registry.js";
import { keyReader, signatureChecker } from "../../node/ports/signer.js";
import { TEST_HEADER, TEST_NETWORK, testSigner } from "./frames.js";

export const testDid: string = didOfKey(testSigner.publicKey);

/** A registry file with the test device, enrolled for a few quantities. */
export const TEST_REGISTRY: RegistryFile = {
  network: TEST_NETWORK,
  devices: [
    {
      did: testDid,
      site: "roof",
      sensors: [
        { name: "temperature", unit: "Cel", min: -40, max: 85, cadence: 1 },
        { name: "humidity", unit: "%RH", min: 0, max: 100, cadence: 1 },
      ],
      // The test frames', and that of what is signed by hand.
      configurations: [TEST_HEADER.configuration as string, "4f53cda18c2baa0c"],
    },
  ],
};

export const testRegistry: Registry = createRegistry(TEST_REGISTRY, keyReader, "registry");

/**
 * A judge of the test network, and all that it says. Its clock is a day ahead of the test frames.
 */
export class JudgeHarness {
  readonly judgements: Judgement[] = [];
  readonly kept: Uint8Array[] = [];
  readonly evidence: Uint8Array[] = [];
  /** Unix milliseconds. */
  now: number;
  /** Where set, nothing can be kept. */
  full = false;
  readonly subject: Judge;

  constructor(now = (TEST_HEADER.time + 86_400) * 1000) {
    this.now = now;
    this.subject = new Judge({
      registry: testRegistry,
      signatures: signatureChecker,
      now: () => this.now,
      keep: (bytes) => {
        if (this.full) throw new Error("the disk is full");
        this.kept.push(bytes);
      },
      evidence: (bytes) => this.evidence.push(bytes),
      judged: (judgement) => this.judgements.push(judgement),
    });
  }

  receive(...frames: Uint8Array[]): this {
    for (const frame of frames) this.subject.receive(frame);
    return this;
  }

  giveUp(patience = 0): this {
    this.subject.giveUp(patience);
    return this;
  }

  get verdicts(): Verdict[] {
    return this.judgements.map(({ verdict }) => verdict);
  }

  of(verdict: Verdict): Judgement[] {
    return this.judgements.filter((judgement) => judgement.verdict === verdict);
  }
}
