/** The boards that there are manifests for: `platform` is what mcconfig calls it (mcconfig -p), `chip` what ESP-IDF does. */
export const BOARDS = {
  sim: { platform: "lin", isLinux: true },
  esp32: { platform: "esp32", isLinux: false, chip: "esp32" },
  esp32c3: { platform: "esp32/esp32c3_cdc", isLinux: false, chip: "esp32c3" },
  esp32s3: { platform: "esp32/esp32s3_cdc", isLinux: false, chip: "esp32s3" },
  m5atom: { platform: "esp32/m5atom_lite", isLinux: false, chip: "esp32" },
};

/** And what is none: the XS host's board on the sim's engine and signer, for test/firmware/conformance.test.ts. */
export const PROGRAMS = { ...BOARDS, conformance: { platform: "lin", isLinux: true } };
