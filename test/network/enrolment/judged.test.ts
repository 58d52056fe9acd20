import { expect, test } from "@jest/globals";
import { Judge } from "../../../network/verify/judge.js";
import type { Judgement } from "../../../network/verify/judgement.js";
import { type Alarm, Vigil } from "../../../network/verify/vigil.js";
import { signatureChecker } from "../../../node/ports/signer.js";
import { reading } from "../../support/frames.js";
import { Chain } from "../verify/board.js";
import { alice, createBook, DAY, endOf, enrolOf, idOf, keyOf, SENSORS, START } from "./fleet.js";

const board = keyOf(1);
const enrol = enrolOf(board, alice);
const end = endOf(board, alice, enrol);
const back = enrolOf(board, alice, {
  previous: idOf(end),
  date: START + 9 * DAY,
  sensors: [{ ...SENSORS[0], max: 60 }] as typeof SENSORS,
});

/** A judge by a book, and frames of the board that say 70 degrees, dated so many days after START. */
function judged() {
  const book = createBook();
  const told: Judgement[] = [];
  const judge = new Judge({
    registry: book,
    signatures: signatureChecker,
    now: () => (START + 100 * DAY) * 1000,
    keep() {},
    judged: (judgement) => told.push(judgement),
  });
  const chain = new Chain();
  const say = (days: number) => {
    const [time, uptime] = [START + days * DAY, 1000 + days * DAY];
    judge.receive(chain.next({ time, uptime }, [reading("temperature", "Cel", 70, 0)], { signer: board }));
    judge.giveUp(0);
    const { verdict, detail } = told[told.length - 1] as Judgement;
    return verdict === "ok" ? verdict : `${verdict}: ${detail}`;
  };
  return { book, say };
}

test("frames count from a device's enrolment on, with no other registry in between", () => {
  const { book, say } = judged();
  expect(say(0.1)).toContain("unknown-device");
  book.receive(enrol);
  expect(say(0.2)).toBe("ok");
});

test("frames that are dated after the end are out of range, and older ones stay as good as they were", () => {
  const { book, say } = judged();
  book.receive(enrol);
  expect(say(0.5)).toBe("ok");
  book.receive(end);
  expect(say(0.9)).toBe("ok");
  expect(say(1)).toBe("out-of-range: dated 0 s after the device was ended");
  expect(say(2)).toBe(`out-of-range: dated ${DAY} s after the device was ended`);
});

test("a device that is enrolled again is held to what is enrolled at each date", () => {
  const { book, say } = judged();
  for (const document of [back, end, enrol]) book.receive(document);
  expect(say(0.5)).toBe("ok"); // up to 85
  expect(say(5)).toContain("after the device was ended");
  expect(say(10)).toBe('out-of-range: "temperature" is 70 Cel, enrolled for -40 to 60');
});

test("nobody waits to hear from a device that is ended", () => {
  const book = createBook();
  book.receive(enrol);
  const silent = () => {
    const told: Alarm[] = [];
    const vigil = new Vigil(book, (alarm) => told.push(alarm));
    vigil.broker("mqtt://broker", true, "", 0);
    for (let now = 0; now < 400; now++) vigil.look(now);
    return told.length;
  };
  expect(silent()).toBe(1);
  book.receive(end);
  expect(silent()).toBe(0);
  book.receive(back);
  expect(silent()).toBe(1);
});
