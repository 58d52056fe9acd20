import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import type { Command } from "commander";
import { batchCommand } from "../../cli/batch.js";
import { bundleCommand } from "../../cli/bundle.js";
import { doctorCommand } from "../../cli/doctor.js";
import { enrolCommand } from "../../cli/enrol.js";
import { flashCommand } from "../../cli/flash.js";
import { monitorCommand } from "../../cli/monitor.js";
import { provisionCommand } from "../../cli/provision.js";
import { scanCommand } from "../../cli/scan.js";
import { loadRegistry } from "../../node/network/registry-file.js";
import { openRegistrySource } from "../../node/network/registry-source.js";

import { jsonLines, temporaryFolder } from "../support/cli.js";
import { openDoor } from "../support/door.js";
import { freePort, type MosquittoOptions, startMosquitto } from "../support/mosquitto.js";
import { Technician } from "../support/technician.js";

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const WIFI_PASSWORD = "geheim-wlan-7";
const BROKER_PASSWORD = "geheim-funk-8";
const OTHER_PASSWORD = "geheim-alt-9";
/** The site's broker is nowhere. */
const ALONE = "--no-broker-check";
let maker = "";
const technician = new Technician(folder);
const fieldmark = technician.fieldmark.bind(technician);
const board = technician.board.bind(technician);

beforeAll(async () => {
  writeFileSync(path("wifi.txt"), `${WIFI_PASSWORD}\n`);
  await fieldmark("keygen", "owner.json");
  maker = String(jsonLines((await fieldmark("keygen", "maker.json", "--json")).stdout)[0]?.did);
  const bundle = ["--sample", "esp32c3", "--key-file", "maker.json", "--out", "sample.zip"];
  expect(await fieldmark("bundle", ...bundle)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(maker),
  });
  writeFileSync(
    path("site.toml"),
    [
      '[site]\nname = "roof"\nnetwork = "demo"',
      '[wifi]\nssid = "field"\npassword_file = "wifi.txt"',
      '[[brokers]]\nhost = "127.0.0.1"\nport = 9',
      `[firmware]\nbundle = "sample.zip"\nsigner = "${maker}"`,
      '[owner]\nkey_file = "owner.json"',
    ].join("\n"),
  );
});

describe("help", () => {
  const commands: [string, () => Command][] = [
    ["scan", scanCommand],
    ["flash", flashCommand],
    ["provision", provisionCommand],
    ["enrol", enrolCommand],
    ["batch", batchCommand],
    ["monitor", monitorCommand],
    ["doctor", doctorCommand],
    ["bundle", bundleCommand],
  ];
  test.each(commands)("%s has examples and --json", (verb, make) => {
    let help = "";
    const writeOut = (text: string) => {
      help += text;
    };
    make().configureOutput({ writeOut }).outputHelp();
    expect(help).toContain(`$ fieldmark ${verb}`);
    expect(help).toContain("--json");
  });
});

test("a blank board goes from its box to its receipt over TCP, and the second run leaves it alone", async () => {
  const { running, port } = await board("--tcp", "--blank", "--state", "board");
  const first = await fieldmark("batch", "site.toml", "-p", port, "--log", "log.csv", ALONE);
  expect(first).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("1 done, 0 failed, 0 done before"),
  });
  const [receipt = ""] = readdirSync(path("receipts")).filter((name) => name.endsWith(".json"));
  const kid = receipt.replace(".json", "");
  expect(JSON.parse(readFileSync(path(`receipts/${receipt}`), "utf8"))).toMatchObject({
    receipt: 1,
    kid,
    site: "roof",
  });
  expect(readdirSync(path("receipts"))).toEqual([`${kid}.json`, `${kid}.png`, `${kid}.svg`]);
  expect(loadRegistry(path("registry.json")).device(kid)?.site).toBe("roof");
  // And what the owner signed, for witnesses.
  const { registry } = openRegistrySource({ path: path("registry.enrolments") });
  expect([...registry.kids()].map((one) => [one, registry.device(one)?.site])).toEqual([[kid, "roof"]]);

  const second = await fieldmark("batch", "site.toml", "-p", port, "--log", "log.csv");
  expect(second).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("0 done, 0 failed, 1 done before"),
    stderr: expect.stringMatching(/already done at 20\d\d-.*: board 34:85:18:.* is left alone/),
  });
  expect(second.stderr).not.toContain("failed");

  const scanned = await fieldmark("scan", "-p", port, "--identify", "--json");
  expect(jsonLines(scanned.stdout)).toMatchObject([
    { path: port, chip: "esp32c3", firmware: "fieldmark 0.1.0" },
  ]);
  const monitored = await fieldmark("monitor", "-p", port, "--reset", "--for", "1s");
  expect(monitored).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`booted  platform node  device ${kid}`),
  });
  const enrolled = await fieldmark("enrol", "--site", "site.toml", "-p", port, ALONE, "--json");
  expect(enrolled.code).toBe(0);
  expect(jsonLines(enrolled.stdout).at(-1)).toMatchObject({ type: "receipt", receipt: { kid, mac: null } });

  const other = connect(Number(new URL(port.replace("rfc2217", "tcp")).port), "127.0.0.1");
  other.write(Uint8Array.of(0xff, 0xfd, 0x2c)); // IAC DO COM-PORT-OPTION: it has the port when that is answered
  await new Promise<void>((resolve) => other.once("data", () => resolve()));
  const busy = await fieldmark("provision", "--site", "site.toml", "-p", port);
  other.destroy();
  expect(busy).toMatchObject({ code: 1, stderr: expect.stringContaining("failed (port-busy): rfc2217://") });
  expect(busy.stderr).toContain("Close the other program");
  running.process.kill();
});

test("a board on a terminal, its BOOT button held, takes firmware", async () => {
  const { running, port } = await board("--pty", "--hold-boot", "--blank");
  const flashed = await fieldmark("flash", "sample.zip", "--signer", maker, "-p", port, "-b", "115200");
  running.process.kill();
  expect(flashed).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("at 115200 baud"),
    stderr: expect.stringContaining("press RESET"),
  });
});

test("port and rate come from the environment, as with esptool", () => {
  const env = { ...process.env, ESPTOOL_PORT: "/dev/from-environment", ESPTOOL_BAUD: "115200" };
  const program = join(__dirname, "../../dist/fieldmark.js");
  const options = { cwd: folder, env, encoding: "utf8" } as const;
  const { stderr } = spawnSync(
    process.execPath,
    [program, "flash", "sample.zip", "--signer", maker],
    options,
  );
  expect(stderr).toContain("/dev/from-environment: there is no such port");
});

describe("mistakes get a clear error and the right exit code", () => {
  beforeAll(() => {
    copyFileSync(path("sample.zip"), path("broken.zip"));
    const zip = readFileSync(path("broken.zip"));
    zip[zip.length >> 1] = (zip[zip.length >> 1] as number) ^ 1;
    writeFileSync(path("broken.zip"), zip);
    writeFileSync(
      path("secret.toml"),
      '[site]\nname="a"\nnetwork="b"\n[wifi]\nssid="x"\npassword="very-secret"',
    );
    writeFileSync(path("cut.toml"), "[site");
    const site = readFileSync(path("site.toml"), "utf8");
    writeFileSync(path("ownerless.toml"), site.replace("owner.json", "nobody.json"));
    writeFileSync(path("netless.toml"), site.replace('network = "demo"', ""));
  });
  const flash = (...args: string[]) => ["flash", "sample.zip", "--signer", maker, ...args];
  // What is given, the exit code, and what is said.
  const table: [string, () => string[], number, string][] = [
    ["a port that is not there", () => flash("-p", "/dev/no-such-port"), 2, "there is no such port"],
    ["a TCP port without a number", () => flash("-p", "rfc2217://host"), 2, "rfc2217://host:4000"],
    ["a TCP port where nobody is", () => flash("-p", "rfc2217://127.0.0.1:1"), 2, "ECONNREFUSED"],
    ["a rate that is none", () => flash("-b", "fast"), 2, "bits a second"],
    ["a chip that there is not", () => flash("-c", "foo"), 2, "It is one of esp32, esp32c2, esp32c3"],
    [
      "a port with a password",
      () => flash("-p", "rfc2217://me:very-secret@h:1"),
      2,
      "has no user and no password",
    ],
    ["a bundle that is not there", () => ["flash", "no.zip"], 2, "no.zip"],
    ["a bundle without a signer", () => ["flash", "sample.zip"], 2, "is signed by did:key:zQ3s"],
    [
      "a bundle of somebody else",
      () => ["flash", "sample.zip", "--signer", "did:key:zQ3sX"],
      2,
      "not by did:key:zQ3sX",
    ],
    ["a bundle with one byte changed", () => ["flash", "broken.zip", "--signer", maker], 1, "broken.zip"],
    ["nothing to set", () => ["provision", "-p", "x"], 2, "nothing to set"],
    [
      "two sources of settings",
      () => ["provision", "--site", "site.toml", "--ssid", "x"],
      2,
      "either --site",
    ],
    ["no Wi-Fi password", () => ["provision", "-p", "x", "--ssid", "field"], 2, "FIELDMARK_WIFI_PASSWORD"],
    ["a Wi-Fi network without a name", () => ["provision", "-p", "x", "--ssid", ""], 2, "1 to 32 bytes"],
    [
      "a broker with a password",
      () => ["provision", "-p", "x", "--broker", "mqtt://me:very-secret@h"],
      2,
      "FIELDMARK_BROKER_PASSWORD",
    ],
    [
      "an order by a broker with a password",
      () => [
        "order",
        "restart",
        "--broker",
        "mqtt://me:very-secret@h",
        "--owner-key",
        "owner.json",
        "--device",
        "0011223344556677",
      ],
      2,
      "FIELDMARK_BROKER_PASSWORD",
    ],
    ["a site file without a network", () => ["batch", "netless.toml"], 2, "site.network is missing"],
    ["a site file that is cut off", () => ["batch", "cut.toml"], 2, "not TOML in line 1"],
    ["a password in the site file", () => ["batch", "secret.toml"], 2, "password_file"],
    ["no site file", () => ["batch", "no.toml"], 2, "no such file"],
    ["the same port twice", () => ["batch", "site.toml", "-p", "a", "-p", "a"], 2, "same port twice"],
    ["nobody to enrol for", () => ["enrol", "-p", "x"], 2, "--network and --site-name"],
    ["nothing to bundle", () => ["bundle", "--key-file", "maker.json", "--out", "x.zip"], 2, "--sample"],
    ["a broker that is away", () => ["doctor", "--site", "site.toml"], 1, "NO  broker 127.0.0.1:9"],
  ];
  test.each(table)("%s", async (_name, args, code, said) => {
    const finished = await fieldmark(...args());
    expect({ code: finished.code, said: finished.stdout + finished.stderr }).toEqual({
      code,
      said: expect.stringContaining(said),
    });
    expect(finished.stdout + finished.stderr).not.toMatch(/very-secret|\n {4}at /);
  });
});

describe("doctor goes on after what is wrong with a site", () => {
  test.each([
    ["a missing owner's key", "ownerless.toml", ["NO  owner's key: ", "ok  firmware: ", "NO  broker "]],
    ["a site file that is wrong", "netless.toml", ["NO  site file: ", "NO  port /dev/no-such-port: "]],
    ["no site file", "no.toml", ["NO  site file: no.toml: there is no such file"]],
  ])("%s", async (_name, site, said) => {
    const { code, stdout, stderr } = await fieldmark("doctor", "--site", site, "-p", "/dev/no-such-port");
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    for (const line of ["ok  Node: ", ...said]) expect(stdout).toContain(line);
  });
});

describe("doctor opens a session with the brokers of a site, as a board does", () => {
  const ROOF = '[site]\nname = "roof"\nnetwork = "demo"\n';
  const USER = 'user = "field"\npassword_file = "broker.txt"\n';
  const FRAME = "Frames of this site have up to";

  beforeAll(() => {
    writeFileSync(path("broker.txt"), `${BROKER_PASSWORD}\n`);
    writeFileSync(path("wrong.txt"), `${OTHER_PASSWORD}\n`);
    writeFileSync(path("users"), `field:${BROKER_PASSWORD}\n`);
    expect(spawnSync("mosquitto_passwd", ["-U", path("users")]).status).toBe(0);
    writeFileSync(path("acl"), "user field\ntopic write fieldmark/1/demo/#\n");
    writeFileSync(path("acl-of-others"), "user field\ntopic write elsewhere/#\n");
  });

  const known = () => ({ allow_anonymous: false, password_file: path("users") });
  const table: [string, () => MosquittoOptions["config"], string, string, string][] = [
    ["that takes all", () => ({}), "", "ok ", "takes a session, and what a board publishes"],
    [
      "that knows the site's user",
      () => ({ ...known(), acl_file: path("acl") }),
      USER,
      "ok ",
      "takes a session, and what a board publishes",
    ],
    [
      "that wants a user",
      known,
      "",
      "NO ",
      "Connection refused: Not authorized\n      The site file gives it no user",
    ],
    [
      "that has another password",
      known,
      USER.replace("broker.txt", "wrong.txt"),
      "NO ",
      "Connection refused: Not authorized\n      Look at user and password_file",
    ],
    [
      "whose rules do not let boards publish",
      () => ({ ...known(), acl_file: path("acl-of-others") }),
      USER,
      "NO ",
      "publication refused: not authorized\n      May its user publish below fieldmark/1/demo/",
    ],
    [
      "that retains nothing",
      () => ({ retain_available: false }),
      "",
      "NO ",
      "Connection refused: Retain not supported\n      Boards have their status retained",
    ],
    [
      "of small packets",
      () => ({ max_packet_size: 100 }),
      "",
      "NO ",
      `packet too large: the broker takes 100 bytes\n      ${FRAME}`,
    ],
    ["of QoS 0", () => ({ max_qos: 0 }), "", "NO ", "Connection refused: QoS not supported"],
  ];
  test.each(table)("one %s", async (_name, config, lines, mark, said) => {
    const broker = await startMosquitto({ config: { ...config() } });
    const { port } = broker;
    writeFileSync(path("asked.toml"), `${ROOF}[[brokers]]\nhost = "127.0.0.1"\nport = ${port}\n${lines}`);
    const { stdout, code } = await fieldmark("doctor", "--site", "asked.toml", "-p", "rfc2217://127.0.0.1:9");
    await broker.stop();
    expect({ stdout, code }).toEqual({
      stdout: expect.stringContaining(`${mark} broker 127.0.0.1:${port}: ${said}`),
      code: 1,
    });
  });

  test("one that knows MQTT 3.1.1 only, one that does not answer, and one that ends each connection", async () => {
    const broker = await startMosquitto();
    const old = await openDoor(broker.port, ({ version }) => version === 4);
    const closed = await openDoor(broker.port, () => false);
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const ports = [old.url, closed.url].map((url) => Number(new URL(url).port));
    ports.push((silent.address() as AddressInfo).port);
    const brokers = ports.map((port) => `[[brokers]]\nhost = "127.0.0.1"\nport = ${port}\n`);
    writeFileSync(path("asked.toml"), ROOF + brokers.join(""));
    const { stdout } = await fieldmark("doctor", "--site", "asked.toml", "-p", "rfc2217://127.0.0.1:9");
    old.close();
    closed.close();
    silent.close();
    await broker.stop();
    const name = (index: number) => `broker 127.0.0.1:${ports[index]}: `;
    expect(stdout).toContain(`ok  ${name(0)}takes a session, and what a board publishes`);
    expect(stdout).toContain(`NO  ${name(1)}the broker ended the connection without an answer`);
    expect(stdout).toContain(`NO  ${name(2)}takes the connection, and does not answer`);
  });

  test("one by TLS, whose certificate is the site's, and one whose is not", async () => {
    const make = (name: string) =>
      spawnSync("openssl", [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
        ...["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        ...["-keyout", path(`${name}.key`), "-out", path(`${name}.pem`)],
      ]).status;
    expect([make("one"), make("other")]).toEqual([0, 0]);
    const port = await freePort();
    const config = { certfile: path("one.pem"), keyfile: path("one.key") };
    const broker = await startMosquitto({ port, config });
    const site = (certificate: string) =>
      `${ROOF}[[brokers]]\nhost = "127.0.0.1"\nport = ${port}\ncertificate_file = "${certificate}"\n`;
    const said: string[] = [];
    for (const name of ["one.pem", "other.pem"]) {
      writeFileSync(path("asked.toml"), site(name));
      said.push((await fieldmark("doctor", "--site", "asked.toml", "-p", "rfc2217://127.0.0.1:9")).stdout);
    }
    await broker.stop();
    expect(said[0]).toContain(`ok  broker 127.0.0.1:${port}: takes a session`);
    expect(said[1]).toMatch(
      /NO {2}broker 127.0.0.1:\d+: .*self-signed certificate\n {6}certificate_file is to be the broker's own/,
    );
  });
});

test("monitor's rate is the board's own, not that of flashing", () => {
  const baud = monitorCommand().options.find(({ long }) => long === "--baud");
  expect(baud?.description).toBe("bits a second at which the board speaks");
  expect(baud?.envVar).toBeUndefined();
});

test("no secret was printed by any of them", () => {
  const secrets = ["owner.json", "maker.json"].map((name) => {
    const { d } = JSON.parse(readFileSync(path(name), "utf8")) as { d: string };
    return d;
  });
  const key = readFileSync(path("board/nvs/key"));
  for (const encoding of ["hex", "base64", "base64url", "latin1"] as const)
    secrets.push(key.toString(encoding));
  expect(technician.printed.length).toBeGreaterThan(5000);
  for (const secret of [WIFI_PASSWORD, BROKER_PASSWORD, OTHER_PASSWORD, ...secrets])
    expect(technician.printed.includes(secret)).toBe(false);
});
