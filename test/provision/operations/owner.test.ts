import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { CborReader } from "../../../agent/cbor/reader.js";
import { readFrame } from "../../../agent/frame/parse.js";
import { type Command, writeCommand } from "../../../agent/provision/command.js";
import { readStatement, type Statement } from "../../../agent/provision/read-statement.js";
import { createSigner, signatureChecker } from "../../../node/ports/signer.js";
import { proof } from "../../../node/provision/proof.js";
import { own, tellTime } from "../../../provision/operations/authority.js";
import { type ProvisionOptions, provision } from "../../../provision/operations/provision.js";
import { type Plugged, plug, SSID, WIFI_PASSWORD } from "../../host-sim/virtual-board/commissioned/board.js";
import { outcomeOf } from "../support/firmware.js";

const [owner, stranger] = [1, 2].map((seed) => createSigner(new Uint8Array(32).fill(seed))) as [
  ReturnType<typeof createSigner>,
  ReturnType<typeof createSigner>,
];
const CHALLENGE = new Uint8Array(16);

let board: Plugged;
beforeEach(() => {
  board = plug();
});
afterEach(() => {
  board.client.close();
  board.board.stop();
});

async function statement(): Promise<Statement> {
  const answer = await board.client.identity(CHALLENGE);
  return readStatement(answer.statement, signatureChecker);
}

/** No settings, for the board that has said this, and its wire. */
const orderFor = ({ network, kid, session }: Statement): Command => ({
  network,
  kid,
  ownership: session,
  counter: 0,
  until: 0,
  verb: "settings",
  body: "{}",
});

const given = (more: Partial<ProvisionOptions> = {}): ProvisionOptions => ({
  ...proof,
  settings: { network: "mine" },
  now: () => 1_795_000_000_000,
  ...more,
});
const provisioned = (more: Partial<ProvisionOptions> = {}) => outcomeOf(provision(board.client, given(more)));

describe("a board that has an owner", () => {
  beforeEach(async () => {
    expect((await provisioned({ owner: owner.publicKey })).error).toBeUndefined();
    await own(board.client, owner.publicKey);
  });

  const settings = { network: "theirs" };
  const without: [string, Partial<ProvisionOptions>][] = [
    ["nobody's key", { settings }],
    ["its owner's public key alone", { settings, owner: owner.publicKey }],
    ["another owner's public key", { settings, owner: stranger.publicKey }],
    ["another owner's key", { settings, owner: stranger.publicKey, signer: stranger }],
  ];
  test.each(without)("keeps the settings that it has from %s", async (_whose, more) => {
    const { error } = await provisioned(more);
    expect(error).toMatchObject({
      code: "other-owner",
      hint: expect.stringContaining("Nothing was stored."),
    });
    await board.client.restart();
    expect((await statement()).network).toBe("mine");
  });

  test("takes settings and Wi-Fi that its owner's key signs", async () => {
    const wifi = { ssid: SSID, password: WIFI_PASSWORD };
    const { error } = await provisioned({ settings, wifi, owner: owner.publicKey, signer: owner });
    expect(error).toBeUndefined();
    expect((await statement()).network).toBe("theirs");
    await board.seen((event) => event.type === "network-up");
  });

  const client = () => board.client;
  const attacks: [string, () => Promise<unknown>][] = [
    ["settings", () => client().settings({ sensors: [] })],
    ["a time", () => client().setClock(1_795_000_000_000)],
    ["a Wi-Fi network", () => client().wifi(SSID, WIFI_PASSWORD)],
    ["another owner", () => client().owner(stranger.publicKey)],
  ];
  test.each(attacks)("takes %s from nobody else at its wire", async (_what, attack) => {
    await expect(attack()).rejects.toThrow();
  });

  test("takes what is signed for this wire, this board, this session and this verb alone", async () => {
    const said = await statement();
    const { ownership } = said;
    const sign = (more: Partial<Command> = {}, by = owner) =>
      writeCommand({ ...orderFor(said), ...more }, by);
    const bad: [Uint8Array, string][] = [
      [sign({}, stranger), "not this key's"],
      [sign({ ownership }), "another session"], // an order for the command topic, held back
      [sign({ ownership: new Uint8Array(8) }), "another session"],
      [sign({ kid: new Uint8Array(8) }), "another board"],
      [sign({ network: "other" }), "another network"],
      [sign({ verb: "clock" }), "another order"],
      [sign().subarray(0, -1), "no order"],
    ];
    for (const [document, reason] of bad)
      await expect(board.client.settings(document)).rejects.toMatchObject({
        code: "refused",
        message: expect.stringContaining(reason),
      });
    await board.client.settings(sign());
    await board.client.restart();
    await expect(board.client.settings(sign())).rejects.toMatchObject({ code: "refused" });
  });

  test("takes the time that its owner's key signs", async () => {
    const now = () => 1_796_000_000_000;
    const hour = async () =>
      Math.floor((readFrame(new CborReader(await board.client.reading())).time ?? 0) / 3600);
    const before = await hour();
    await tellTime(board.client, "reading", now, proof); // nobody's: the network tells it
    expect(await hour()).toBe(before);
    await tellTime(board.client, "reading", now, { ...proof, signer: owner });
    expect(await hour()).toBe(Math.floor(now() / 3_600_000));
    await expect(board.client.setClock(now())).rejects.toMatchObject({ code: "refused" });
  });
});

test("a board without an owner takes nothing that anybody has signed", async () => {
  const order = writeCommand(orderFor(await statement()), owner);
  await expect(board.client.settings(order)).rejects.toMatchObject({ code: "refused" });
});

test("each owner has an ownership of its own, also one that has the board back", async () => {
  const seen: string[] = [];
  for (const whose of [owner, stranger, owner]) {
    await board.client.owner(whose.publicKey);
    const { ownership, owner: kid } = await statement();
    seen.push(`${Buffer.from(kid).toString("hex")} ${Buffer.from(ownership).toString("hex")}`);
    await board.client.owner(whose.publicKey); // the same again changes nothing
    expect((await statement()).ownership).toEqual(ownership);
    await board.client.reset(`ERASE ${Buffer.from((await statement()).kid).toString("hex")}`);
  }
  expect(new Set(seen).size).toBe(3);
  expect((await statement()).owner).toHaveLength(0);
});
