import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import pin from "../../../firmware/native/secp256k1.json";

test("boards are compiled with the tables that secp256k1.json names, from a whole commit", () => {
  const unit = readFileSync(join(__dirname, "../../../firmware/native/secp256k1-unit.c"), "utf8");
  const [board = ""] = unit.split("#else");
  const defines = [...board.matchAll(/^#define (\w+) (\d+)$/gm)].map(([, name, value]) => [
    name,
    Number(value),
  ]);
  expect(Object.fromEntries(defines)).toEqual(pin.configuration);
  expect([pin.commit, pin.tree]).toEqual([
    expect.stringMatching(/^[0-9a-f]{40}$/),
    expect.stringMatching(/^[0-9a-f]{40}$/),
  ]);
});
