/**
 * Constants of the wire, version 1 (docs/protocol.md). A frame is one COSE_Sign1 (RFC 9052 §4.2):
 *
 *   d2                       tag 18
 *   84                       array of 4
 *     58 LL …                protected header, a byte string that holds a map of 5
 *     a0                     unprotected header, empty
 *     58 LL …                payload, a byte string that holds a SenML pack
 *     58 40 …                signature, r‖s
 */

/** COSE header labels and values, in the order that RFC 8949 §4.2.1 gives the keys. */
export const HEADER_ALG = 1;
export const ALG_ES256K = -47; // RFC 8812 §3.2
export const HEADER_CONTENT_TYPE = 3;
export const CONTENT_TYPE_SENML_CBOR = 112; // RFC 8428 §12.3.2, CoAP Content-Formats
export const HEADER_KID = 4;
export const HEADER_CWT_CLAIMS = 15; // RFC 9597 §2
export const CLAIM_AUD = 3; // RFC 8392 §3.1.3
export const HEADER_CHAIN = -65537; // below -65536: private use, RFC 9052 §11.1

export const KID_BYTES = 8;
export const PREV_BYTES = 16;
/** Of SHA-256 of the sensor configuration: agent/settings/sensor-configuration.ts. */
export const CONFIGURATION_BYTES = 8;
export const SIGNATURE_BYTES = 64;
export const DIGEST_BYTES = 32;

/** A judge reads no frame longer than this, and an agent makes none. */
export const MAX_FRAME_BYTES = 4096;
/** Ranges of lost frames that one frame may declare. */
export const MAX_DROPPED_RANGES = 16;
/** Network and quantity names. */
export const MAX_NAME_LENGTH = 64;

/** SenML labels, RFC 8428 §6, table 6. */
export const SENML_VALUE = 2;
export const SENML_TIME = 6;
export const SENML_BASE_NAME = -2;
export const SENML_BASE_TIME = -3;
export const SENML_BASE_UNIT = -4;

/** A SenML time below this is relative to now (RFC 8428 §4.5.3), so no base time may be. Seconds. */
export const MIN_UNIX_SECONDS = 2 ** 28;
/** The last second of the year 9999: what reads dates (RFC 3339, ISO 8601) knows no later one. */
export const MAX_UNIX_SECONDS = 253_402_300_799;

/** Exponents of decimal fractions. */
export const MAX_EXPONENT = -1;
export const MIN_EXPONENT = -9;

/** `["Signature1", …` of the Sig_structure (RFC 9052 §4.4): array of 4, then the text string. */
export const SIG_STRUCTURE_PREFIX = Uint8Array.of(
  0x84,
  0x6a,
  0x53,
  0x69,
  0x67,
  0x6e,
  0x61,
  0x74,
  0x75,
  0x72,
  0x65,
  0x31,
);

/**
 * In a frame and in its Sig_structure the protected header and the payload are the same bytes; what differs is
 * what stands before them, and the one byte between them. So one is turned into the other in place.
 */
export const FRAME_PREFIX = Uint8Array.of(0xd2, 0x84); // tag 18, array of 4
export const NO_UNPROTECTED_HEADER = 0xa0; // an empty map, in the frame
export const NO_EXTERNAL_AAD = 0x40; // an empty byte string, in the Sig_structure
