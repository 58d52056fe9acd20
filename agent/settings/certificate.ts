import { checkCertificateForm } from "./certificate-form.js";

/** ECMA-262's Uint8Array.fromBase64, which XS 17 has and the library of ES2022 has not. */
const Base64 = Uint8Array as unknown as { fromBase64(text: string): Uint8Array };

/** RFC 7468 §2. */
const BEGIN = "-----BEGIN CERTIFICATE-----";
const END = "-----END CERTIFICATE-----";

/**
 * One X.509 certificate, in PEM or as base64 of its DER, as DER. Only its form is looked at: its dates are when it is used, since a board does not
 * know the time when it reads its settings. Throws RangeError that names `where`.
 */
export function readCertificate(given: string, where: string): Uint8Array {
  try {
    const der = Base64.fromBase64(base64Of(given.trim()));
    checkCertificateForm(der);
    return der;
  } catch (error) {
    throw new RangeError(
      `${where}: not one certificate in PEM, or in base64 of DER: ${(error as Error).message}`,
    );
  }
}

function base64Of(given: string): string {
  if (!given.startsWith("-----")) return given;
  if (!given.startsWith(BEGIN)) throw new RangeError("it is something else in PEM");
  const end = given.indexOf(END);
  if (end < 0) throw new RangeError("its end is missing");
  if (end + END.length < given.length) throw new RangeError("more follows after it");
  return given.slice(BEGIN.length, end);
}
