import { createRequire } from "node:module";
import secp256k1 from "secp256k1";

export { secp256k1 };

/** Set to 1, it allows to sign without the binary. */
export const SIGN_SLOWLY = "FIELDMARK_SIGN_IN_JAVASCRIPT";

/** Jest runs this as CommonJS, where there is no import.meta. */
const require = createRequire(typeof __filename === "string" ? __filename : import.meta.url);

/**
 * npm secp256k1 is libsecp256k1 where it has a binary for the system, or could compile one. Where not, it is npm elliptic, and says nothing: about 30
 * times slower, and its time to sign depends on the key, which who can measure it may learn.
 */
export const isNative = binding() === secp256k1;

const PLACE = `${process.platform}-${process.arch}`;
const TO_DO = "With a C++ compiler, make and Python, npm rebuild secp256k1 makes one.";

/** Throws Error where nothing may be done with a private key on this machine. */
function mustBeNative(): void {
  if (isNative || process.env[SIGN_SLOWLY] === "1") return;
  throw new Error(
    `npm secp256k1 has no binary for this machine (${PLACE}), and would sign in JavaScript, in a time that depends on the key. ${TO_DO} ${SIGN_SLOWLY}=1 signs all the same`,
  );
}

/** Throws as `mustBeNative` does. */
export function publicKeyOf(privateKey: Uint8Array, isCompressed: boolean): Uint8Array {
  mustBeNative();
  return secp256k1.publicKeyCreate(privateKey, isCompressed);
}

let hasWarned = isNative;

/** Says once, where it is so, that signatures are checked slowly. */
export function warnWhereSlow(): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    `npm secp256k1 has no binary for this machine (${PLACE}): signatures are checked in JavaScript, about 30 times slower. ${TO_DO}`,
    "SlowSignatures",
  );
}

/** What index.js of the package gives where it can. */
function binding(): unknown {
  try {
    return require("secp256k1/bindings.js");
  } catch {
    return undefined;
  }
}
