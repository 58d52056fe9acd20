import { decode, encode } from "dns-packet";
import { zipSync } from "fflate";
import { InputError } from "../../agent/input-error.js";
import { FoundBrokers } from "../../agent/ports/discovery.js";
import { createRegistry } from "../../network/verify/registry.js";
import { mqttOptions, nameOf, parseBrokerUrl } from "../../node/mqtt/broker-address.js";
import { BrokerRecords } from "../../node/ports/discovery-records.js";
import { createSigner, keyReader, signatureChecker } from "../../node/ports/signer.js";
import { splitMerged } from "../../provision/bundle/builds.js";
import { openBundle } from "../../provision/bundle/bundle.js";
import { kindOf } from "../../provision/bundle/foreign.js";
import { makeBundle, zipBundle } from "../../provision/bundle/make.js";
import { bundleFromZip } from "../../provision/bundle/source.js";
import { OperationError } from "../../provision/events.js";
import { readAppImage, writeAppImage } from "../../provision/flash/app-image.js";
import { parsePosition } from "../../provision/names/place.js";
import { parsePlaces } from "../../provision/names/places-csv.js";
import { checkReceipt } from "../../provision/operations/check-receipt.js";
import { labelSvg } from "../../provision/operations/label.js";
import { enrolledSensors } from "../../provision/site/ranges.js";
import { settingsOf } from "../../provision/site/settings.js";
import { parseSite, readSite } from "../../provision/site/site.js";
import { decodeText } from "../../text/decode.js";
import { parseJson } from "../../text/json-text.js";
import { readSenmlJson } from "../../tools/senml-json.js";
import { below, hostileInput, mutated, type Prng, pick } from "../agent/frame/mutate.js";
import { RECEIPT_CHECK, receiptOwner, wholeReceipt } from "../provision/support/receipt.js";
import { TEST_REGISTRY, testDid } from "../support/judge-harness.js";
import { fits } from "./frames.js";
import { hostileText, mutatedText, spoilt } from "./hostile.js";
import { refusable, refusableLater, type Target } from "./run.js";

/** A message that is shown: it may repeat what it is about, made fit. */
function sayable<T>(work: () => T, ...classes: Parameters<typeof refusable>[1][]): T | undefined {
  return refusable(
    () => {
      try {
        return work();
      } catch (error) {
        if (error instanceof Error) fits(error.message.slice(0, 4000));
        throw error;
      }
    },
    ...classes,
  );
}

const text = (random: Prng, corpus: readonly string[]) => mutatedText(random, corpus);

/** Bundles of firmware. */
export function zipTarget(): Target {
  const maker = createSigner(new Uint8Array(32).fill(5));
  const image = writeAppImage(
    { chip: 5, project: "fieldmark", version: "0.1.0" },
    new Uint8Array(64).fill(7),
  );
  const parts = [
    { path: "esp32c3/bootloader.bin", offset: 0, data: new Uint8Array(32).fill(1) },
    { path: "esp32c3/app.bin", offset: 0x10000, data: image },
  ];
  const build = { chipFamily: "ESP32-C3", parts };
  const files = makeBundle({ name: "Fieldmark", version: "0.1.0" }, [build], maker);
  const zips = [zipBundle(files), zipSync({ "a/b.txt": new Uint8Array(9) }), zipSync({})];
  const manifest = new TextDecoder().decode(files.get("manifest.json"));
  const repacked = (random: Prng) => {
    const spoiltFiles = new Map(files);
    const bytes = new TextEncoder().encode(text(random, [manifest]));
    if (random() < 0.7) spoiltFiles.set("manifest.json", bytes);
    else spoiltFiles.set(`x${hostileText(random).slice(0, 50)}`, bytes);
    return zipBundle(spoiltFiles);
  };
  return {
    name: "zip",
    share: 2,
    async input(random) {
      const zip = random() < 0.3 ? repacked(random) : hostileInput(random, zips);
      kindOf(zip);
      readAppImage(random() < 0.5 ? zip : mutated(random, image, [image]));
      refusable(() => splitMerged(zip, "image"), InputError);
      await refusableLater(async () => {
        const source = bundleFromZip("given.zip", zip);
        await openBundle(source, testDid, signatureChecker);
      }, OperationError);
    },
  };
}

const SITES = [
  `[site]\nname = "roof"\nnetwork = "demo"\n[wifi]\nssid = "field"\n[[brokers]]\nhost = "10.0.0.2"\nport = 1883\n`,
  `[site]\nname = "roof"\nnetwork = "demo"\n[[sensors]]\nkind = "bme280"\ninterval = 60\n[[sensors.channels]]\nproperty = "t"\nname = "temperature"\nunit = "Cel"\ndigits = 1\nmin = -30\nmax = 50\n[settings]\nreadings = 8\n`,
  `[site]\nname = "roof"\nnetwork = "demo"\n[owner]\ndid = "${testDid}"\n[batch]\nname = "roof {n}"\nports = ["/dev/ttyUSB0", "rfc2217://10.0.0.2:4000"]\n`,
];

/** A technician's site file. */
export function siteTarget(): Target {
  return {
    name: "site",
    share: 2,
    async input(random) {
      const toml = text(random, SITES);
      await refusableLater(async () => {
        const site = random() < 0.5 ? parseSite(toml, "site.toml") : readSite(Buffer.from(toml), "site.toml");
        await settingsOf(site, async () => undefined);
      }, OperationError);
      enrolledSensors([{ name: hostileText(random), unit: hostileText(random), interval: 1000 }], {});
    },
  };
}

/** A registry file, whole as JSON or not. */
export function registryTarget(): Target {
  const json = JSON.stringify({
    ...TEST_REGISTRY,
    devices: TEST_REGISTRY.devices.map((device) => ({ ...device, name: "A", position: { lat: 1, lon: 2 } })),
  });
  return {
    name: "registry",
    share: 2,
    input(random) {
      const given =
        random() < 0.5
          ? spoilt(random, JSON.parse(json))
          : refusable(() => parseJson(text(random, [json])), InputError);
      sayable(() => createRegistry(given, keyReader, "registry r.json"), InputError);
      refusable(() => decodeText(hostileInput(random, [new TextEncoder().encode(json)])), InputError);
    },
  };
}

const LISTS = [
  "name,lat,lon,alt\nroof 1,47.3769,8.5417,408\n",
  "Name;Latitude;Longitude\r\nroof 1;47,3769;8,5417\r\n",
  'who\tlng\tlat\tname\tmac\nme\t8.5\t47.3\t"a ""b"""\t34:85:18:00:00:0a',
];

export function listTarget(): Target {
  return {
    name: "list",
    share: 1,
    input(random) {
      sayable(() => parsePlaces(text(random, LISTS), "places.csv"), InputError);
      refusable(() => parsePosition(text(random, ["47.3769,8.5417,408", "1,2"])), InputError);
    },
  };
}

const PACKS = [
  '[{"n":"temperature","u":"Cel","v":21.5,"bt":1795000000}]',
  '[{"bn":"a","bu":"Cel","bv":1.25,"bver":10},{"n":"b","v":-3e-4,"t":-5},{"v":0}]',
];

export function senmlTarget(): Target {
  return {
    name: "senml",
    share: 1,
    input(random) {
      const given =
        random() < 0.5
          ? JSON.stringify(spoilt(random, JSON.parse(pick(random, PACKS))))
          : text(random, PACKS);
      sayable(() => readSenmlJson(given), InputError);
    },
  };
}

const URLS = [
  "mqtt://user:pass%20word@broker.example:1883",
  "wss://[2001:db8::7%25eth0]:443/mqtt?token=x",
  "mqtts://bröker.example",
  "tcp://10.0.0.2",
];

export function urlTarget(): Target {
  return {
    name: "url",
    share: 1,
    input(random) {
      const address = sayable(() => parseBrokerUrl(text(random, URLS)), InputError);
      if (address === undefined) return;
      fits(nameOf(address));
      mqttOptions(address);
    },
  };
}

/** A receipt as somebody hands it in. */
export function receiptTarget(): Target {
  const whole = wholeReceipt();
  return {
    name: "receipt",
    share: 2,
    async input(random) {
      const given = random() < 0.05 ? whole : spoilt(random, whole);
      const site = random() < 0.5 ? undefined : "roof";
      const checked = sayable(
        () =>
          checkReceipt(given, {
            ...RECEIPT_CHECK,
            site,
            ...(random() < 0.5 ? { owner: receiptOwner } : { ownerKey: receiptOwner.publicKey }),
          }),
        OperationError,
      );
      // One with another place and no countersignature is good.
      const receipt = checked?.receipt ?? { ...whole, site: hostileText(random), countersigned: null };
      if (checked === undefined && random() < 0.9) return;
      const label = await refusableLater(() => labelSvg(receipt));
      encodeURIComponent(label ?? "");
    },
  };
}

/** What anybody in the network answers to a question for brokers. */
export function discoveryTarget(): Target {
  const service = "_mqtt._tcp.local";
  const packet = encode({
    type: "response",
    answers: [
      { type: "PTR", name: service, data: `field.${service}`, ttl: 120 },
      { type: "SRV", name: `field.${service}`, data: { target: "broker.local", port: 1883 }, ttl: 120 },
      { type: "A", name: "broker.local", data: "10.0.0.2", ttl: 120 },
      { type: "TXT", name: `field.${service}`, data: "a=b" },
    ],
  });
  const records = new BrokerRecords();
  const found = new FoundBrokers(({ name, host }) => fits(`${name} ${host}`), "any");
  return {
    name: "discovery",
    share: 1,
    input(random) {
      let answers: ReturnType<typeof decode>["answers"];
      try {
        ({ answers } = decode(Buffer.from(mutated(random, packet, [packet]))));
      } catch {
        return; // multicast-dns says so, and nobody gets it
      }
      records.take(answers ?? []);
      for (const broker of records.complete()) found.offer(broker);
      encode({ type: "query", questions: records.missing() });
      if (below(random, 1000) === 0) records.take([]);
    },
  };
}
