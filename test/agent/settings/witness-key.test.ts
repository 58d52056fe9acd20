import { describe, expect, test } from "@jest/globals";
import { hex } from "../../../agent/cose/kid.js";
import { didOfKey } from "../../../agent/frame/identity.js";
import { InputError } from "../../../agent/input-error.js";
import { agentConfig } from "../../../agent/provision/configuration.js";
import { createSettings } from "../../../agent/settings/settings.js";
import { readWitnessKey } from "../../../agent/settings/witness-key.js";
import { createSigner } from "../../../node/ports/signer.js";

const keys = Array.from({ length: 40 }, (_, i) => createSigner(new Uint8Array(32).fill(i + 1)).publicKey);
const [key = new Uint8Array(0), other = new Uint8Array(0)] = keys;
const CONFIG = {
  network: "demo",
  brokers: [{ host: "a" }],
  sensors: [{ kind: "x", interval: 1, channels: [{ property: "t", name: "t", unit: "Cel", digits: 1 }] }],
  readings: 1,
  age: 1,
  copies: 1,
  window: 1,
  order: "oldest",
  absent: 1,
  timeout: 1,
  backoff: { min: 1, max: 1 },
  dns: [],
};

describe("a witness's key", () => {
  test("is read in hex and as did:key", () => {
    for (const one of keys) {
      expect(readWitnessKey(hex(one))).toEqual(one);
      expect(readWitnessKey(hex(one).toUpperCase())).toEqual(one);
      expect(readWitnessKey(didOfKey(one))).toEqual(one);
    }
  });

  test("is nothing else", () => {
    const did = didOfKey(key);
    const wrong = [
      "",
      "02",
      hex(key).slice(2),
      `04${hex(key).slice(2)}`,
      `${hex(key)}00`,
      `0g${hex(key).slice(2)}`,
    ];
    for (const given of [...wrong, did.slice(1), did.slice(0, -1), `${did}1`, did.replace("zQ3", "zQ0")])
      expect(readWitnessKey(given)).toBeUndefined();
    expect(readWitnessKey(`did:key:z${"z".repeat(48)}`)).toBeUndefined();
    expect(readWitnessKey(`did:key:z${"1".repeat(48)}`)).toBeUndefined();
  });
});

describe("the setting keep", () => {
  const keepOf = (given: object) => agentConfig(createSettings(CONFIG, given), [], "").witnesses;

  test("is brokers where nothing is said, and then nothing of witnesses is kept", () => {
    expect(createSettings(CONFIG, {}).keep).toBe("brokers");
    expect(keepOf({})).toBeUndefined();
    expect(keepOf({ keep: "brokers", witnesses: 1, witnessKeys: [hex(key)] })).toBeUndefined();
  });

  test("is witnesses, with their keys and how many", () => {
    const given = { keep: "witnesses", witnesses: 2, witnessKeys: [hex(key), didOfKey(other)] };
    expect(keepOf(given)).toEqual({ least: 2, keys: [key, other] });
  });

  test.each<[string, object, string]>([
    ["another word", { keep: "both" }, 'keep: both is not "brokers" or "witnesses"'],
    ["no keys", { keep: "witnesses", witnesses: 1 }, "witnessKeys: undefined is not a list"],
    ["no number", { keep: "witnesses", witnessKeys: [hex(key)] }, "witnesses: undefined is not a number"],
    [
      "no key",
      { keep: "witnesses", witnesses: 1, witnessKeys: ["ab"] },
      "witnessKeys[0]: ab is not a compressed",
    ],
    [
      "more than there are keys",
      { keep: "witnesses", witnesses: 2, witnessKeys: [hex(key)] },
      "witnesses: 2 is not",
    ],
    ["none of them", { keep: "witnesses", witnesses: 0, witnessKeys: [hex(key)] }, "witnesses: 0 is not"],
    [
      "one key twice",
      { keep: "witnesses", witnesses: 1, witnessKeys: [hex(key), hex(key)] },
      "witnessKeys[1]: it is not",
    ],
    [
      "five keys",
      { keep: "witnesses", witnesses: 1, witnessKeys: keys.slice(0, 5).map(hex) },
      "witnessKeys: 5 is not 1 to 4",
    ],
    ["a wrong key, though brokers count", { witnessKeys: [7] }, "witnessKeys[0]: 7 is not a compressed"],
  ])("with %s is refused by name", (_, given, said) => {
    expect(() => createSettings(CONFIG, given)).toThrow(InputError);
    expect(() => createSettings(CONFIG, given)).toThrow(said);
  });
});
