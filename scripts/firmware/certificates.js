import { X509Certificate } from "node:crypto";
import { SdkError } from "./sdk.js";

/**
 * Brokers of a compiled-in configuration are pinned to certificates that are such and are valid at `now`: a board would find out when nobody
 * is there. Throws SdkError that names the first that is not.
 */
export function checkCertificates(brokers, now) {
  brokers.forEach(({ host, certificate }, index) => {
    if (certificate === undefined) return;
    const fail = (what) => {
      throw new SdkError(`config.brokers[${index}].certificate, for ${host}: ${what}`);
    };
    const isPem = certificate.trimStart().startsWith("-----");
    let parsed;
    try {
      parsed = new X509Certificate(isPem ? certificate : Buffer.from(certificate, "base64"));
    } catch (error) {
      fail(`not a certificate in PEM, or in base64 of DER: ${error.message}`);
    }
    const { validFrom, validTo } = parsed;
    if (now < new Date(validFrom) || now > new Date(validTo))
      fail(`it is valid from ${validFrom} to ${validTo}, and here it is ${now.toUTCString()}`);
  });
}
