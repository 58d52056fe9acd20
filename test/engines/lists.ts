/** Test files of the agent that run on V8 and on XS, from the same source. */
export const ON_BOTH: readonly string[] = [
  "test/agent/agent.test.ts",
  "test/agent/backoff.test.ts",
  "test/agent/batch.test.ts",
  "test/agent/chain-store.test.ts",
  "test/agent/config.test.ts",
  "test/agent/faults.test.ts",
  "test/agent/memory-link.test.ts",
  "test/agent/outbox.test.ts",
  "test/agent/restarts.test.ts",
  "test/agent/sampler.test.ts",
  "test/agent/uplink.test.ts",
  "test/cbor/appendix-a.test.ts",
  "test/cbor/property.test.ts",
  "test/cbor/refusals.test.ts",
  "test/cbor/writer.test.ts",
  "test/frame/flip.test.ts",
  "test/frame/fuzz.test.ts",
  "test/frame/identity.test.ts",
  "test/frame/name.test.ts",
  "test/frame/protocol.test.ts",
  "test/frame/roundtrip.test.ts",
  "test/frame/rules.test.ts",
  "test/frame/size.test.ts",
  "test/frame/wycheproof.test.ts",
];

/** Those that run on V8 alone, and why. */
export const V8_ONLY: Readonly<Record<string, string>> = {
  "test/cbor/second-opinion.test.ts": "it asks cbor-x, which does not load on XS",
  "test/frame/cddl.test.ts": "it asks npm cddl, which reads its rules from a file",
  "test/frame/second-opinion.test.ts": "it asks noble, cbor-x, Python and OpenSSL",
};
