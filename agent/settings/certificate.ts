import { InputError, SettingError } from "../input-error.js";
import { checkCertificateForm } from "./certificate-form.js";

/** ECMA-262's Uint8Array.fromBase64, which XS 17 has and the library of ES2022 has not. */
const Base64 = Uint8Array as unknown as { fromBase64(text: string): Uint8Array };

const NO_CERTIFICATE = "not one certificate in PEM, or in base64 of DER";
/** RFC 7468 §2. */
const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

/**
 * One X.509 certificate, in PEM or as base64 of its DER, as DER. Only its form is looked at: its dates are when it is used, since a board does not
 * know the time when it reads its settings. Throws SettingError of `where`.
 */
export function readCertificate(given: string, where: string): Uint8Array {
  try {
    const der = Base64.fromBase64(base64Of(given.trim()));
    checkCertificateForm(der);
    return der;
  } catch (error) {
    const message = `${where}: ${NO_CERTIFICATE}: ${(error as Error).message}`;
    throw new SettingError(where, NO_CERTIFICATE, message);
  }
}

function base64Of(given: string): string {
  if (!given.startsWith("-----")) return given;
  if (!given.startsWith(BEGIN)) throw new InputError("it is something else in PEM");
  const end = given.indexOf(END);
  if (end < 0) throw new InputError("its end is missing");
  if (end + END.length < given.length) throw new InputError("more follows after it");
  return given.slice(BEGIN.length, end);
}
