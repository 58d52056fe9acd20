import { splitDocuments } from "../../network/enrolment/sequence.js";
import { REGISTRY_TYPE } from "../../network/enrolment/statement.js";
import { visible } from "../../text/visible.js";
import { hostileInput, type Prng } from "../agent/frame/mutate.js";
import { alice, bob, createBook, endOf, enrolOf, keyOf, moveOf, saleOf } from "../network/enrolment/fleet.js";
import { fits } from "./frames.js";
import { signedAgain } from "./hostile.js";
import type { Target } from "./run.js";

const AAD = new TextEncoder().encode(REGISTRY_TYPE);

/** Statements of owners, one or several: files of them, and what a book makes of it. */
export function enrolmentsTarget(): Target {
  const board = keyOf(1);
  const enrol = enrolOf(board, alice, {
    place: { site: "roof", name: "A", position: { lat: 1, lon: -2.5 } },
  });
  const corpus = [
    enrol,
    endOf(board, alice, enrol),
    moveOf(board, alice, enrol),
    saleOf(board, alice, bob, enrol),
  ];
  const book = createBook();
  return {
    name: "enrolments",
    share: 2,
    input(random: Prng) {
      const given = hostileInput(random, corpus);
      splitDocuments(given);
      const signed = random() < 0.5 ? signedAgain(given, alice, AAD) : given;
      const outcome = book.receive(signed);
      if (outcome.type === "refused") fits(visible(outcome.reason));
      for (const kid of book.kids()) fits(visible(book.device(kid)?.site ?? ""));
    },
  };
}
