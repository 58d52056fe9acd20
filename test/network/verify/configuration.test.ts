import { describe, expect, test } from "@jest/globals";
import { createRegistry } from "../../../network/verify/registry.js";
import { keyReader } from "../../../node/ports/signer.js";
import { TEST_HEADER } from "../../support/frames.js";
import { JudgeHarness, TEST_REGISTRY } from "../../support/judge-harness.js";
import { Chain } from "./board.js";

const ENROLLED = TEST_HEADER.configuration as string;
const OTHER = "0ddba110ddba1100";

/** A judge in whose registry the device has `configurations`; none: in any way. */
function judgeOf(...configurations: string[]): JudgeHarness {
  const judge = new JudgeHarness();
  const devices = TEST_REGISTRY.devices.map(({ configurations: _, ...device }) =>
    configurations.length === 0 ? device : { ...device, configurations },
  );
  judge.subject.enrol(createRegistry({ ...TEST_REGISTRY, devices }, keyReader, "registry"));
  return judge;
}

const lost = (boot: number, first: number, last: number) => ({ dropped: [{ boot, first, last }] });

describe("frames of a boot whose sensors are configured", () => {
  test("as they are enrolled are ok", () => {
    expect(judgeOf(OTHER, ENROLLED).receive(...new Chain().run(3)).verdicts).toEqual(["ok", "ok", "ok"]);
  });

  test("in another way are unknown-configuration, all of them, until a boot is as it was", () => {
    const chain = new Chain();
    const judge = judgeOf(ENROLLED).receive(
      ...chain.run(2),
      chain.next({ boot: 2, sequence: 0, configuration: OTHER }),
      chain.next({ boot: 2 }),
      chain.next({ boot: 3, sequence: 0 }),
    );
    expect(judge.verdicts).toEqual(["ok", "ok", "unknown-configuration", "unknown-configuration", "ok"]);
    expect(judge.of("unknown-configuration")[0]?.detail).toContain(OTHER);
  });

  test("in any way are ok where the registry names none", () => {
    expect(judgeOf().receive(new Chain().next({ configuration: OTHER })).verdicts).toEqual(["ok"]);
  });

  test("in nobody knows which way, since the boot's first frame was held back, are not ok", () => {
    const chain = new Chain();
    const judge = judgeOf(ENROLLED).receive(chain.next());
    chain.next({ boot: 2, sequence: 0, configuration: OTHER }); // the attacker's broker has it, and nobody else
    judge.receive(chain.next({ boot: 2 }), chain.next({ boot: 2 })).giveUp();
    expect(judge.verdicts).toEqual(["ok", "broken-chain", "unknown-configuration"]);
  });

  test("in two ways by their own word are not ok", () => {
    const chain = new Chain();
    const frames = [chain.next(), chain.next({ boot: 2, sequence: 0 })];
    const repeated = chain.next({ boot: 2, sequence: 3, configuration: OTHER, ...lost(2, 0, 2) });
    expect(
      judgeOf(ENROLLED, OTHER)
        .receive(...frames, repeated)
        .giveUp().verdicts,
    ).toEqual(["ok", "ok", "unknown-configuration"]);
  });
});

describe("where a boot's first frame is lost", () => {
  test("the frame that declares that says it again", () => {
    for (const [configuration, verdict] of [
      [ENROLLED, "ok"],
      [OTHER, "unknown-configuration"],
    ] as const) {
      const chain = new Chain();
      const judge = judgeOf(ENROLLED).receive(chain.next());
      const later = chain.next({ boot: 2, sequence: 4, configuration, ...lost(2, 0, 3) });
      judge.receive(later, chain.next({ boot: 2 })).giveUp();
      expect(judge.verdicts).toEqual(["ok", verdict, verdict]);
    }
  });

  test("and only a later boot could say so, nobody is asked", () => {
    const chain = new Chain();
    const judge = judgeOf(ENROLLED).receive(chain.next());
    chain.next({ boot: 2, sequence: 0 });
    judge.receive(
      chain.next({ boot: 2, sequence: 1 }),
      chain.next({ boot: 3, sequence: 0, ...lost(2, 0, 0) }),
    );
    expect(judge.giveUp().verdicts).toEqual(["ok", "ok", "ok"]);
  });

  test("before the judge's time, nobody is asked until the next boot", () => {
    const chain = new Chain();
    chain.next({ configuration: OTHER });
    const judge = judgeOf(ENROLLED).receive(chain.next(), chain.next()).giveUp();
    judge.receive(chain.next({ boot: 2, sequence: 0, configuration: OTHER }));
    expect(judge.verdicts).toEqual(["ok", "ok", "unknown-configuration"]);
  });
});
