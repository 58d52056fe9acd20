import { setImmediate as nextTurn } from "node:timers/promises";
import { createContext, runInContext } from "node:vm";
import { createSigner, signatureChecker } from "../../node/ports/signer.js";
import type { TestHost } from "./inside/host.js";
import { Listener, type Outcomes } from "./outcome.js";

/** natives.c's functions. Arrays come from another realm: libsecp256k1's binding takes its own realm's only. */
function createHost(privateKey: Uint8Array, listener: Listener): TestHost {
  const signer = createSigner(privateKey);
  return {
    sign(digest, into, at) {
      const signature = new Uint8Array(64);
      signer.sign(Uint8Array.from(digest), signature, 0);
      into.set(signature, at);
    },
    verify: (...views) => {
      const [signature, digest, publicKey] = views.map((view) => Uint8Array.from(view));
      return signatureChecker.verify(signature as Uint8Array, digest as Uint8Array, publicKey as Uint8Array);
    },
    publicKey: (into) => into.set(signer.publicKey),
    sha256: (data, into, at) => signer.sha256(Uint8Array.from(data), into, at),
    send: (_kind, id, bytes) => listener.sent(id, bytes),
  };
}

/** Runs a bundle of `bundleTest` in a realm that has the language and `host` and nothing of Node. */
export async function runOnV8(bundle: string, privateKey: Uint8Array): Promise<Outcomes> {
  const listener = new Listener();
  const realm = createContext({ host: createHost(privateKey, listener) });
  try {
    runInContext(`${bundle}\nboot();`, realm);
  } catch (error) {
    return listener.outcomes(`ended: exception: ${error}`);
  }
  const { receive } = realm as unknown as { receive(kind: number, id: number): unknown };
  for (let id = 0; id < listener.names.length; id++) {
    receive(0, id);
    await nextTurn(); // promise jobs run before
  }
  return listener.outcomes("did not end by the end of its turn");
}
