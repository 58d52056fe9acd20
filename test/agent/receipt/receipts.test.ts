import { describe, expect, test } from "@jest/globals";
import type { Position } from "../../../agent/frame/chain.js";
import type { SignatureChecker } from "../../../agent/ports/signer.js";
import { writeWitnessReceipt } from "../../../network/witness/receipt.js";
import { createSigner, signatureChecker } from "../../../node/ports/signer.js";
import { TEST_NETWORK, testKid } from "../../support/frames.js";
import { AgentHarness, countingSensor, place, RIG_CONFIG } from "../agent-harness.js";

const MINUTE = 60_000;
const [ANN, BEN, EVE] = [11, 12, 13].map((byte) => createSigner(new Uint8Array(32).fill(byte))) as [
  Witness,
  Witness,
  Witness,
];
type Witness = ReturnType<typeof createSigner>;
const at = (sequence: number, boot = 1): Position => ({ boot, sequence });

/** A board that keeps its frames for witnesses, whom the test plays. */
class Kept extends AgentHarness {
  checks = 0;
  override checker: SignatureChecker = {
    sha256: signatureChecker.sha256,
    verify: (...given) => {
      this.checks++;
      return signatureChecker.verify(...given);
    },
  };

  on(least = 1, keys = [ANN, BEN], sectors?: number): this {
    const witnesses = { least, keys: keys.map(({ publicKey }) => publicKey) };
    this.boot({ witnesses }, [countingSensor()], sectors).start();
    return this;
  }

  get queue(): number {
    return this.agent?.status().queue ?? -1;
  }

  /** Positions of frames that left, in order. */
  get left(): string[] {
    return this.events.flatMap((event) => (event.type === "acknowledged" ? [place(event.position)] : []));
  }

  /** The witness says what it holds, and the board has the time to read it. */
  receipt(witness: Witness, from: Position, to: Position, device = testKid, network = TEST_NETWORK): boolean {
    const isOne = this.agent?.receive(writeWitnessReceipt({ device, from, to }, network, witness)) ?? false;
    this.world.advance(300);
    return isOne;
  }
}

describe("a frame that brokers have", () => {
  test("stays until one of the witnesses holds it, and is not sent again meanwhile", () => {
    const board = new Kept().on();
    board.world.advance(4500); // 1/0 to 1/4
    expect([board.queue, board.left, board.received.length]).toEqual([5, [], 10]);
    expect(board.receipt(ANN, at(0), at(2))).toBe(true);
    expect([board.queue, board.left]).toEqual([2, ["1/0", "1/1", "1/2"]]);
    expect(board.received.length).toBe(10);
  });

  test("leaves by the brokers' word where nothing is said of witnesses", () => {
    const board = new AgentHarness();
    board.boot().start();
    board.world.advance(4500);
    expect(board.agent?.status().queue).toBe(0);
    expect(board.agent?.receive(new Uint8Array(0))).toBe(false);
  });

  test("stays until two hold it, where two must", () => {
    const board = new Kept().on(2);
    board.world.advance(4500);
    board.receipt(ANN, at(0), at(3));
    board.receipt(ANN, at(1), at(4));
    expect(board.left).toEqual([]);
    board.receipt(BEN, at(2), at(3));
    expect(board.left).toEqual(["1/2", "1/3"]);
    board.receipt(BEN, at(0), at(4));
    expect(board.left).toEqual(["1/2", "1/3", "1/0", "1/1", "1/4"]);
  });

  test("is sent again when a session opens: a broker may have lost it", () => {
    const board = new Kept().on();
    board.world.advance(4500);
    for (const broker of board.brokers) broker.kill();
    board.world.advance(1000);
    for (const broker of board.brokers) broker.restart();
    board.received.length = 0;
    board.world.advance(2 * MINUTE);
    const again = board.frames().filter(({ sequence }) => sequence < 5);
    expect(again.map(({ sequence }) => sequence).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(board.left).toEqual([]);
  });

  test("is sent again where no receipt came for ten minutes, and then after twice as long", () => {
    const board = new Kept();
    const witnesses = { least: 1, keys: [ANN.publicKey] };
    board.boot({ witnesses }, [countingSensor(24 * 60 * MINUTE)]).start();
    const times: number[] = [];
    let count = 0;
    for (let minute = 0; minute <= 80; minute++) {
      board.world.advance(MINUTE);
      if (board.received.length > count) times.push(minute);
      count = board.received.length;
    }
    expect(times).toEqual([0, 11, 31, 71]);
  });

  test("is not sent again any more where receipts come", () => {
    const board = new Kept();
    board.boot({ witnesses: { least: 1, keys: [ANN.publicKey] } }, [countingSensor(MINUTE)]).start();
    for (let minute = 0; minute < 60; minute++) {
      board.world.advance(MINUTE - 300);
      board.receipt(ANN, at(0), at(minute));
    }
    expect(board.received.length).toBe(2 * board.frames().length);
    expect(board.queue).toBeLessThan(2);
  });

  test("is sent again after a reset, and a receipt of a boot before counts", () => {
    const board = new Kept().on();
    board.world.advance(2500);
    board.cut();
    board.received.length = 0;
    board.on();
    board.world.advance(1500);
    expect(new Set(board.received.map((frame) => frame.join()))).toHaveProperty("size", 5); // 1/0 to 1/2, 2/0, 2/1
    board.receipt(BEN, at(1), at(0, 2));
    expect([board.left, board.queue]).toEqual([["1/1", "1/2", "2/0"], 2]);
  });
});

describe("a journal without room", () => {
  test("lets the oldest go and declares them, though brokers have them", () => {
    const board = new Kept().on(1, [ANN], 3);
    board.world.advance(60_000);
    expect(board.left).toEqual([]);
    const declared = board.frames().flatMap(({ dropped }) => dropped);
    expect(declared[0]).toMatchObject({ boot: 1, first: 0 });
    expect(board.queue).toBeLessThan(60);
  });
});

describe("a frame that had to go", () => {
  test("is lost where one broker has it and another is waited for, and did not leave", () => {
    const board = new Kept();
    board.brokers[1]?.kill();
    const witnesses = { least: 1, keys: [ANN.publicKey] };
    const uplink = { ...RIG_CONFIG.uplink, absent: 60 * MINUTE };
    board.boot({ witnesses, uplink }, [countingSensor()], 3).start();
    board.world.advance(MINUTE);
    expect(board.left).toEqual([]);
    expect(board.frames().flatMap(({ dropped }) => dropped)[0]).toMatchObject({ boot: 1, first: 0 });
  });
});

describe("nothing leaves by", () => {
  const wrong: [string, (board: Kept) => void][] = [
    ["a receipt of nobody whom the owner named", (board) => board.receipt(EVE, at(0), at(2))],
    ["one for another device", (board) => board.receipt(ANN, at(0), at(2), new Uint8Array(8))],
    ["one for another network", (board) => board.receipt(ANN, at(0), at(2), testKid, "other")],
    ["one for what was never signed", (board) => board.receipt(ANN, at(0), at(5))],
    ["one for boots to come", (board) => board.receipt(ANN, at(0), at(0, 2))],
    ["one for boots before", (board) => board.receipt(ANN, at(0, 0), at(99, 0))],
  ];
  test.each(wrong)("%s, which costs no check of a signature", (_, give) => {
    const board = new Kept().on();
    board.world.advance(4500);
    give(board);
    expect([board.left, board.queue, board.checks]).toEqual([[], 5, 0]);
  });

  test("one with a bit turned anywhere", () => {
    const board = new Kept().on();
    board.world.advance(4500);
    const good = writeWitnessReceipt({ device: testKid, from: at(0), to: at(2) }, TEST_NETWORK, ANN);
    for (let i = 0; i < good.length; i++) {
      const bad = good.slice();
      bad[i] = (bad[i] as number) ^ (1 << (i & 7));
      board.agent?.receive(bad);
      board.world.advance(200);
      expect(board.left).toEqual([]);
    }
  });

  test("what is no receipt, or is too long", () => {
    const board = new Kept().on();
    for (const length of [0, 1, 200, 1024])
      expect(board.agent?.receive(new Uint8Array(length).fill(0xd2))).toBe(false);
    expect(board.receipt(ANN, at(0), at(0), testKid, "other")).toBe(false);
  });
});

describe("checks of signatures", () => {
  const forged = (from: number, to: number) => {
    const receipt = writeWitnessReceipt({ device: testKid, from: at(from), to: at(to) }, TEST_NETWORK, ANN);
    receipt[receipt.length - 1] = (receipt[receipt.length - 1] as number) ^ 1;
    return receipt;
  };

  test("are made once for what is new, and never for what is known or has left", () => {
    const board = new Kept().on(2);
    board.world.advance(4500);
    board.receipt(ANN, at(1), at(3));
    board.receipt(ANN, at(1), at(3));
    board.receipt(ANN, at(2), at(3));
    expect(board.checks).toBe(1);
    board.receipt(BEN, at(1), at(3));
    board.receipt(BEN, at(1), at(3));
    expect([board.checks, board.left.length]).toEqual([2, 3]);
  });

  test("are at most six a minute in a flood of forgeries, and six at its beginning", () => {
    const board = new Kept().on();
    board.world.advance(120_000);
    const before = board.checks;
    for (let i = 0; i < 3000; i++) {
      board.agent?.receive(forged(0, i % 100));
      board.world.advance(20);
    }
    expect(board.checks - before).toBeGreaterThan(6);
    expect(board.checks - before).toBeLessThanOrEqual(12);
  });

  test("are another witness's in turn while somebody forges receipts of one", () => {
    const board = new Kept().on();
    board.world.advance(120_000);
    for (let i = 0; i < 500; i++) {
      board.agent?.receive(forged(0, i % 100));
      board.world.advance(20);
    }
    board.agent?.receive(
      writeWitnessReceipt({ device: testKid, from: at(0), to: at(50) }, TEST_NETWORK, BEN),
    );
    for (let i = 0; i < 1000; i++) {
      board.agent?.receive(forged(0, i % 100));
      board.world.advance(20);
    }
    expect(board.left.length).toBe(51);
  });

  test("go on when the flood is over: the newest of a witness counts", () => {
    const board = new Kept().on();
    board.world.advance(60_500);
    for (let i = 0; i < 500; i++) board.agent?.receive(forged(0, i % 50));
    board.receipt(ANN, at(0), at(40));
    board.world.advance(60_000);
    expect(board.left.length).toBe(41);
  });

  test("leave no timer behind when the board stops", () => {
    const board = new Kept().on();
    board.world.advance(4500);
    board.agent?.receive(forged(0, 2));
    board.agent?.stop();
    expect(board.world.pending).toBe(0);
  });
});
