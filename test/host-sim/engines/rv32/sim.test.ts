import { expect, test } from "@jest/globals";
import { start } from "../../../support/cli.js";
import { COMPILE_TIMEOUT } from "../xs/xs-host.js";

test(
  "sim --engine rv32: emulated boards, real brokers, and all that they signed is verified",
  async () => {
    const running = start(
      ["sim", "--engine", "rv32", "--devices", "3", "--for", "6s", "--interval", "1s", "--json"].concat(
        "--memory",
      ),
    );
    const { code, stdout, stderr } = await running.finished;
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const summary = JSON.parse(stdout);
    expect(summary.engine).toBe("rv32");
    expect(summary.frames.verified).toBeGreaterThanOrEqual(3);
    expect(summary.frames.lost).toBe(0);
    expect(summary.memory.boardBytes.max).toBeLessThan(40 * 1024);
  },
  COMPILE_TIMEOUT,
);
