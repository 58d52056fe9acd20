import { describe, expect, test } from "@jest/globals";
import { base64 } from "@scure/base";
import { kidOfKey } from "../../../agent/cose/kid.js";
import { readStatement } from "../../../agent/provision/read-statement.js";
import type { BoardOptions } from "../../../host-sim/virtual-board/board.js";
import { signatureChecker } from "../../../node/ports/signer.js";
import { proof } from "../../../node/provision/proof.js";
import { BoardClient } from "../../../provision/board-client.js";
import type { OperationEvent } from "../../../provision/events.js";
import type { CommissionOptions } from "../../../provision/operations/commission.js";
import { readEnrolment } from "../../../provision/operations/enrol.js";
import { labelSvg } from "../../../provision/operations/label.js";
import { prove } from "../../../provision/operations/prove.js";
import { outcomeOf, smallBundle } from "../support/firmware.js";
import {
  commissionBoard,
  owner,
  PROVISIONING,
  plug,
  type Trial,
  WIFI,
  WIFI_PASSWORD,
} from "../support/plugged-board.js";

const steps = (events: readonly OperationEvent[]) =>
  events.flatMap((event) => (event.type === "step" ? [event.step] : []));
const bundle = smallBundle({ size: 8_000 });

test("one commission takes a blank board to a receipt, enrolled by its owner", async () => {
  const { board, wire } = plug();
  const registered: string[] = [];
  const register: CommissionOptions["register"] = async ({ device }) => {
    registered.push(device);
  };
  const { events, result, error } = await outcomeOf(
    commissionBoard(wire, { bundle: await bundle, register }),
  );
  expect(error).toBeUndefined();
  // It is the owner's now, and was nobody's while anything could still be given again.
  const client = new BoardClient(wire);
  const { statement } = await prove(client, proof);
  client.close();
  board.stop();
  expect(statement.owner).toEqual(kidOfKey(owner.publicKey, owner));
  expect(readStatement(base64.decode(result?.statement ?? ""), signatureChecker).owner).toHaveLength(0);
  expect(steps(events)).toEqual(["identify", "flash", "verify", "provision", "enrol", "reading", "receipt"]);
  expect(result).toMatchObject({
    receipt: 1,
    network: "demo",
    site: "roof",
    chip: "ESP32-C3",
    mac: expect.stringMatching(/^34:85:18:/),
    firmware: { name: "fieldmark", version: "0.1.0", manifestSha256: (await bundle).manifestSha256 },
    sensors: expect.arrayContaining([{ name: "temperature", unit: "Cel", interval: 10_000 }]),
  });
  expect(registered).toEqual([result?.device]);
  const document = base64.decode(result?.countersigned ?? "");
  const enrolment = readEnrolment(document, owner.publicKey, signatureChecker);
  expect(enrolment).toMatchObject({ network: "demo", site: "roof", statement: { did: result?.did } });
  expect(JSON.stringify(events)).not.toContain(WIFI_PASSWORD);
  const svg = await labelSvg(result as NonNullable<typeof result>);
  expect(svg).toContain(result?.kid.slice(0, 8));
});

test("a board that keeps its firmware and is not wanted is given nothing", async () => {
  const { board, wire } = plug({ blank: false });
  const refused = new Error("done before");
  const acceptDevice = () => {
    throw refused;
  };
  const { events, error } = await outcomeOf(commissionBoard(wire, { acceptDevice }));
  board.stop();
  expect({ error, events }).toEqual({ error: refused, events: [] });
});

describe("a commission that fails says where and why, and registers nothing", () => {
  const provisioning = PROVISIONING;
  const wifi = { ssid: "field", password: "wrong-password" };
  const bad = { network: "demo", brokers: [{ host: "127.0.0.1", port: 0 }] };
  const ranges = () => new Map([["temperature", { unit: "Cel", min: 90, max: 100 }]]);
  // What, the board, the options, the step and the code.
  const table: [string, Partial<BoardOptions>, Trial, string, string][] = [
    ["a wrong Wi-Fi password", {}, { provisioning: { ...provisioning, wifi } }, "provision", "wifi-refused"],
    ["a network that is not there", { wifi: { ...WIFI, networks: [] } }, {}, "provision", "wifi-missing"],
    [
      "settings that are wrong",
      {},
      { provisioning: { ...provisioning, settings: bad } },
      "provision",
      "settings-refused",
    ],
    ["another network", {}, { network: "other" }, "enrol", "statement-bad"],
    ["another device than expected", {}, { device: "0011223344556677" }, "enrol", "statement-bad"],
    ["a reading that nobody believes", {}, { ranges }, "reading", "reading-bad"],
    ["a reading of tomorrow", {}, { now: () => Date.now() - 86_400_000 }, "reading", "clock-wrong"],
  ];
  test.each(table)("%s", async (_name, given, options, step, code) => {
    const { board, wire } = plug({ blank: false, ...given });
    const registered: unknown[] = [];
    const register = async (enrolled: unknown) => {
      registered.push(enrolled);
    };
    const { error, result, events } = await outcomeOf(commissionBoard(wire, { register, ...options }));
    board.stop();
    expect({ step: error?.step, code: error?.code, result }).toEqual({ step, code, result: undefined });
    expect(registered).toEqual([]);
    expect(`${error?.message}${error?.hint}${JSON.stringify(events)}`).not.toMatch(
      /wrong-password|correct-horse/,
    );
  });
});
