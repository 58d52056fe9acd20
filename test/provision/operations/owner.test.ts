import { afterEach, expect, test } from "@jest/globals";
import { readStatement } from "../../../agent/provision/read-statement.js";
import { createSigner, signatureChecker } from "../../../host-sim/ports/signer.js";
import type { Operation } from "../../../provision/events.js";
import { provision } from "../../../provision/operations/provision.js";
import { type Plugged, plug } from "../board/board.js";

const keyOf = (seed: number) => createSigner(new Uint8Array(32).fill(seed)).publicKey;
const CHALLENGE = new Uint8Array(16);

let board: Plugged;
afterEach(() => {
  board.client.close();
  board.board.stop();
});

async function done(operation: Operation<void>): Promise<unknown> {
  try {
    while (!(await operation.next()).done);
    return undefined;
  } catch (error) {
    return error;
  }
}

test("a board of another owner keeps the settings that it has", async () => {
  board = plug();
  const { client } = board;
  const now = () => 1_795_000_000_000;
  expect(await done(provision(client, { settings: { network: "mine" }, owner: keyOf(1), now }))).toBe(
    undefined,
  );
  const refused = await done(provision(client, { settings: { network: "theirs" }, owner: keyOf(2), now }));
  expect(refused).toMatchObject({
    code: "other-owner",
    hint: expect.stringContaining("Nothing was stored."),
  });
  await client.restart();
  const { statement } = await client.identity(CHALLENGE);
  expect(readStatement(statement, signatureChecker).network).toBe("mine");
});
