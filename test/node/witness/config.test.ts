import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import { NO_CHAIN } from "../../../network/statement/domain.js";
import { parseConfig, readConfig } from "../../../node/witness/config.js";
import { configText } from "../../../node/witness/init.js";
import { temporaryFolder } from "../../support/cli.js";

const folder = temporaryFolder();
const PATH = join(folder, "witness.toml");
writeFileSync(join(folder, "password.txt"), "secret\r\nand a line that is not of it\n");

const HEAD = 'network = "demo"\nname = "witness.example/demo"\nregistry = "registry.json"\n';
const BROKER = '[[brokers]]\nurl = "mqtt://broker.example"\n';

/** What is said of a file. */
function said(text: string): string {
  try {
    parseConfig(text, PATH);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return "nothing";
}

describe("a witness's configuration", () => {
  test("has a value for everything that is left out", () => {
    expect(parseConfig(HEAD + BROKER, PATH)).toEqual({
      network: "demo",
      name: "witness.example/demo",
      keyFile: join(folder, "witness-key.json"),
      logKeyFile: join(folder, "log-key.json"),
      data: join(folder, "data"),
      registry: join(folder, "registry.json"),
      epoch: 3600,
      window: 2,
      brokers: [expect.objectContaining({ host: "broker.example" })],
      http: { host: "127.0.0.1", port: 8788, cors: [], proxies: [], enrolments: false },
      retention: { reserve: 256e6 },
      quarantine: 32e6,
      cosignerKeyFile: join(folder, "cosigner-key.json"),
      peers: [],
      receipts: 60,
      watch: 60,
      domain: NO_CHAIN,
    });
  });

  test("says what it says", () => {
    const text = `${HEAD}key_file = "/keys/a.json"
data = "../b"
epoch = "10m"
window = 3
quarantine = "1MB"
${BROKER}user = "w"
password_file = "password.txt"
[http]
port = 0
cors = ["https://a.example"]
[retention]
age = "400d"
size = "2TB"
reserve = "1GB"
[chain]
id = 31337
contract = "0x00000000000000000000000000000000000000Ff"
`;
    writeFileSync(PATH, text);
    const config = readConfig(PATH);
    expect(config).toMatchObject({ keyFile: "/keys/a.json", data: join(folder, "../b"), epoch: 600 });
    expect(config).toMatchObject({ window: 3, quarantine: 1e6, http: { port: 0, host: "127.0.0.1" } });
    expect(config.brokers[0]).toMatchObject({ user: "w", password: "secret" });
    expect(config.retention).toEqual({ age: 400 * 86_400, size: 2e12, reserve: 1e9 });
    expect(config.domain.chain).toBe(31_337);
    expect([...config.domain.contract]).toEqual([...new Uint8Array(19), 255]);
  });

  test("is what init writes", () => {
    const brokers = [{ url: "mqtt://a.example" }, { url: "mqtts://b.example:8884" }];
    const text = configText({ network: "demo", name: "w.example", brokers, registry: 'odd "name".json' });
    const config = parseConfig(text, PATH);
    expect(config.brokers.map(({ host }) => host)).toEqual(["a.example", "b.example"]);
    expect(config.registry).toBe(join(folder, 'odd "name".json'));
  });

  test.each([
    ["network", HEAD.replace("demo", "no name") + BROKER],
    ["name", HEAD.replace("witness.example/demo", "no name") + BROKER],
    ["registry", HEAD.replace(/registry.*/, "") + BROKER],
    ["brokers", HEAD],
    ["epoch", `${HEAD}epoch = "1 hour"\n${BROKER}`],
    ["epoch", `${HEAD}epoch = "0s"\n${BROKER}`],
    ["epoch", `${HEAD}epoch = "99999999999999999d"\n${BROKER}`],
    ["epoch", `${HEAD}epoch = 3600\n${BROKER}`],
    ["window", `${HEAD}window = 0\n${BROKER}`],
    ["window", `${HEAD}window = 1.5\n${BROKER}`],
    ["epcoh", `${HEAD}epcoh = "1h"\n${BROKER}`],
    ["constructor", `${HEAD}constructor = "1h"\n${BROKER}`],
    ["quarantine", `${HEAD}quarantine = "5constructor"\n${BROKER}`],
    ["retention.age", `${HEAD}${BROKER}[retention]\nage = "5GB"\n`],
    ["retention.size", `${HEAD}${BROKER}[retention]\nsize = "5d"\n`],
    ["http.port", `${HEAD}${BROKER}[http]\nport = 65536\n`],
    ["chain.contract", `${HEAD}${BROKER}[chain]\nid = 1\ncontract = "0x12"\n`],
    ["chain.id", `${HEAD}${BROKER}[chain]\nid = 0\ncontract = "0x${"0".repeat(40)}"\n`],
    ["url", `${HEAD}[[brokers]]\nurl = "http://a.example"\n`],
    ["password_file", `${HEAD}[[brokers]]\nurl = "mqtt://u:secret@a.example"\n`],
    ["password_file", `${HEAD}${BROKER}password_file = "password.txt"\n`],
    ["twice", `${HEAD}${BROKER}${BROKER}`],
  ])("is refused with what is wrong named: %s", (name, text) => {
    const message = said(text);
    expect(message).toContain(name);
    expect(message).not.toContain("secret");
  });

  test("whose password file is not there is refused with that file's name", () => {
    const text = `${HEAD}${BROKER}user = "w"\npassword_file = "missing.txt"\n`;
    expect(() => parseConfig(text, PATH)).toThrow(join(folder, "missing.txt"));
  });

  test("that is no TOML is refused by its line", () => {
    expect(said("network = demo\n")).toContain(`${PATH}:1: `);
    expect(said(`${HEAD}\u001b[2J = 1\n`)).not.toContain("\u001b");
  });
});
