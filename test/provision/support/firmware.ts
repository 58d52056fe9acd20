import { didOfKey } from "../../../agent/frame/identity.js";
import { type SampleOptions, sampleBuild } from "../../../host-sim/virtual-board/rom/sample-build.js";
import { createSigner, newPrivateKey, signatureChecker } from "../../../node/ports/signer.js";
import { type Bundle, openBundle } from "../../../provision/bundle/bundle.js";
import { type BuildFiles, makeBundle } from "../../../provision/bundle/make.js";
import { type BundleSource, tooLong } from "../../../provision/bundle/source.js";
import type { Operation, OperationError, OperationEvent } from "../../../provision/events.js";

const maker = createSigner(newPrivateKey());
export const MAKER = didOfKey(maker.publicKey);

export function sourceOf(files: ReadonlyMap<string, Uint8Array>): BundleSource {
  return {
    name: "test bundle",
    async read(path, most) {
      const data = files.get(path);
      if (data !== undefined && data.length > most) throw tooLong("test bundle", path, most);
      return data;
    },
  };
}

export function filesOf(builds: readonly BuildFiles[], version = "0.1.0"): Map<string, Uint8Array> {
  return makeBundle({ name: "Fieldmark", version }, builds, maker);
}

export function bundleOf(...builds: readonly BuildFiles[]): Promise<Bundle> {
  return openBundle(sourceOf(filesOf(builds)), MAKER, signatureChecker);
}

/** Small, so that many of them are flashed in a moment. */
export function smallBundle(options: SampleOptions = {}): Promise<Bundle> {
  return bundleOf(sampleBuild({ size: 40_000, ...options }));
}

export interface Outcome<T> {
  readonly events: OperationEvent[];
  readonly result?: T;
  readonly error?: OperationError;
}

/** Runs an operation to its end, whatever that is. */
export async function outcomeOf<T>(operation: Operation<T>): Promise<Outcome<T>> {
  const events: OperationEvent[] = [];
  try {
    for (;;) {
      const { done, value } = await operation.next();
      if (done) return { events, result: value };
      events.push(value);
    }
  } catch (error) {
    return { events, error: error as OperationError };
  }
}
