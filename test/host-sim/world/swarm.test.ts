import { expect, test } from "@jest/globals";
import { run } from "../../support/cli.js";

/** Other seeds in each run of the tests: a failure says which, and how to replay it. */
const seed = Math.floor(Date.now() / 1000) % 1_000_000;

test(`a minute of seeds that nobody has seen, from ${seed} on: no oracle fires`, async () => {
  const { code, stdout, stderr } = await run(["world", "--swarm", "1m", "--seed", String(seed), "--json"]);
  expect({
    code,
    failure: JSON.parse(stdout).failure,
    stderr: code === 0 ? "" : stderr.slice(-2000),
  }).toEqual({
    code: 0,
    failure: null,
    stderr: "",
  });
});
