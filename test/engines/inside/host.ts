import type { SignatureChecker } from "../../../agent/ports/signer.js";
import type { Host } from "../../../host-sim/engines/xs/board/host.js";

/** What both engines' boards are given. */
export interface TestHost
  extends Pick<Host, "sign" | "publicKey" | "sha256">,
    Pick<SignatureChecker, "verify"> {
  send(kind: number, id: number, bytes: Uint8Array): void;
}

export const host: TestHost = (globalThis as unknown as { readonly host: TestHost }).host;
