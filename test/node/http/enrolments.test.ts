import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { MAX_STATEMENT_BYTES } from "../../../network/enrolment/statement.js";
import { EnrolmentFolder } from "../../../node/network/enrolment-folder.js";
import { sendStatement } from "../../../node/network/send-statement.js";
import { alice, bob, didOf, endOf, enrolOf, keyOf, kidOf } from "../../network/enrolment/fleet.js";
import { appOf, viewOf } from "./harness.js";

let path = "";
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), "fieldmark-received-"));
});
afterEach(() => rmSync(path, { recursive: true }));

const board = keyOf(1);
const enrol = enrolOf(board, alice);
const end = endOf(board, alice, enrol);

/** An app that takes statements into a folder. */
async function taking() {
  const { folder } = EnrolmentFolder.open(path, { network: "demo", owners: new Set([didOf(alice)]) });
  const view = viewOf(0);
  view.enrol = (statement) => folder.give(statement);
  const app = await appOf(view);
  const post = async (body: Uint8Array) => {
    const request = { method: "POST", url: "/v1/enrolments", body: Buffer.from(body) } as const;
    const response = await app.inject({ ...request, headers: { host: "localhost" } });
    const described = JSON.parse((await app.get("/openapi.json")).body).paths["/v1/enrolments"].post;
    if (response.statusCode < 500)
      expect(Object.keys(described.responses)).toContain(`${response.statusCode}`);
    return { status: response.statusCode, json: response.json() as Record<string, unknown> };
  };
  return { app, folder, post };
}

describe("POST /v1/enrolments", () => {
  test("says what became of a statement, and has it in the folder by then", async () => {
    const { folder, post } = await taking();
    const device = kidOf(board);
    const waits = await post(end);
    expect(waits).toMatchObject({ status: 200, json: { outcome: "waits", device } });
    expect(readdirSync(path)).toEqual([`received-${waits.json.statement}.enrolment`]);
    const entered = await post(enrol);
    expect(entered).toMatchObject({ status: 200, json: { outcome: "entered", device } });
    expect(entered.json.statement).toBe(waits.json.previous);
    const file = join(path, `received-${entered.json.statement}.enrolment`);
    expect([...readFileSync(file)]).toEqual([...enrol]);
    expect(await post(enrol)).toMatchObject({ status: 200, json: { outcome: "known" } });
    expect(readdirSync(path)).toHaveLength(2);
    // For the log: once each.
    expect(new Set(folder.look().entered.map((one) => Buffer.from(one).toString("hex")))).toEqual(
      new Set([enrol, end].map((one) => Buffer.from(one).toString("hex"))),
    );
    expect(folder.look()).toEqual({ entered: [], complaints: [] });
    const { folder: later } = EnrolmentFolder.open(path, { network: "demo" });
    expect(later.book.device(device)?.entries).toHaveLength(2);
  });

  test("refuses by status, code and words, and keeps nothing of it", async () => {
    const { post } = await taking();
    expect(await post(new Uint8Array(9))).toMatchObject({ status: 400, json: { code: "malformed" } });
    expect(await post(enrolOf(board, bob))).toMatchObject({
      status: 403,
      json: { title: "Forbidden", code: "unknown-owner", detail: expect.stringContaining(didOf(bob)) },
    });
    const foreign = enrolOf(board, alice, { network: "other" });
    expect(await post(foreign)).toMatchObject({ status: 422, json: { code: "wrong-network" } });
    const forged = Uint8Array.from(enrol);
    forged[forged.length - 1]! ^= 1;
    expect(await post(forged)).toMatchObject({ status: 422, json: { code: "bad-signature" } });
    expect((await post(new Uint8Array(MAX_STATEMENT_BYTES + 1))).status).toBe(413);
    expect(readdirSync(path)).toEqual([]);
  });

  test("what cannot be kept is not said to be: sent again, it is kept, and told once", async () => {
    const { app, folder, post } = await taking();
    await post(enrolOf(keyOf(2), alice));
    folder.look();
    rmSync(path, { recursive: true });
    expect((await post(enrol)).status).toBe(500);
    expect(app.errors).toHaveLength(1);
    mkdirSync(path);
    expect(await post(enrol)).toMatchObject({ status: 200, json: { outcome: "known" } });
    expect(readdirSync(path)).toHaveLength(1);
    await post(enrol);
    expect(folder.look().entered.map((one) => one.length)).toEqual([enrol.length]);
  });

  test("is not there where a witness takes none", async () => {
    const app = await appOf(viewOf(0));
    const request = { method: "POST", url: "/v1/enrolments", body: Buffer.from(enrol) } as const;
    const response = await app.inject({ ...request, headers: { host: "localhost" } });
    expect([response.statusCode, response.headers["content-type"]]).toEqual([
      404,
      "application/problem+json",
    ]);
  });

  test("is what a technician's program sends to", async () => {
    const { app } = await taking();
    const base = await app.server.listen({ port: 0, host: "127.0.0.1" });
    try {
      expect(await sendStatement(base, enrol)).toMatchObject({ outcome: "entered", device: kidOf(board) });
      await expect(sendStatement(base, enrolOf(board, bob))).rejects.toThrow("none of the owners");
    } finally {
      await app.server.close();
    }
    await expect(sendStatement(base, enrol)).rejects.toThrow("is the witness running?");
  });
});
