import type { Command } from "../../agent/provision/command.js";
import type { OrderDesk, Reply, Waiting } from "../../node/provision/order-desk.js";
import { visible } from "../../text/visible.js";

export interface OrderGiven {
  /** The board. */
  readonly id: string;
  readonly verb: Command["verb"];
  /** Milliseconds. */
  readonly wait: number;
}

/** What whoever gives an order should know before it is sent. */
export function orderWarnings(
  desk: Pick<OrderDesk, "findings" | "unreadable" | "forgetful">,
  { id, isKnown, ownerKid }: { readonly id: string; readonly isKnown: boolean; readonly ownerKid: string },
): string[] {
  const lines: string[] = [];
  const { waiting, hint } = desk.findings;
  for (const broker of desk.forgetful)
    lines.push(`${broker} keeps no messages: a board that is away does not get the order when it is back`);
  for (const line of desk.unreadable)
    lines.push(`${line}: the broker does not let this user read that; without the event no answer is heard`);
  if (!isKnown)
    lines.push(
      `nobody has heard of ${id}: the broker keeps nothing that it has said. Is it the right id, network and broker? (fieldmark order --clear removes the order)`,
    );
  if (hint !== undefined && hint.owner !== ownerKid)
    lines.push(
      `the status of ${id}, which nobody has signed, names ${hint.owner === "" ? "no owner" : `another owner's key, ${visible(hint.owner)}`}`,
    );
  for (const { broker, kid, command, isAnswered } of waiting)
    if (kid === ownerKid && command !== undefined && !isAnswered)
      lines.push(
        `${broker}: an order of yours, ${orderName(command)}, is not answered yet; this one takes its place`,
      );
  return lines;
}

/** What the board said, or what it means that it said nothing. */
export function answerLine({ outcome, taken, seen, isOnline, forged }: Reply, given: OrderGiven): string {
  const { id, verb, wait } = given;
  switch (outcome?.outcome) {
    case "obeyed":
      return `${id} obeyed (${verb}) in boot ${outcome.boot}, and starts again`;
    case "on-trial":
    case "kept":
      return `${id} obeyed (${verb}) in boot ${outcome.boot}: it starts again with the new settings, and goes back to the old ones unless a broker acknowledges a frame in time`;
    case "reverted":
      return `${id} obeyed (${verb}), and went back to the old settings: ${visible(outcome.reason)}`;
    case "refused":
      return `${id} refused (${verb}): ${visible(outcome.reason)}`;
    default: {
      const parts = [`${id} did not answer within ${wait / 1000} s`];
      if (seen.length === 0)
        parts.push(
          `${taken.join(", ")} did not give the order back to whom reads the topic: it may refuse what this user sends without a word (ACL), and then the order is lost`,
        );
      else if (isOnline === true)
        parts.push(
          `the order waits at ${seen.join(", ")}. The board is connected: either its answer is kept from this user (ACL of its event topic), or its firmware does not answer yet`,
        );
      else
        parts.push(
          `the order waits at ${seen.join(", ")}, and the board gets it when it connects there (fieldmark order --clear removes it)`,
        );
      if (forged > 0) parts.push(`${forged} answers under its name were not signed with its key`);
      return parts.join("; ");
    }
  }
}

export function clearedLines(id: string, waiting: readonly Waiting[], cleared: readonly string[]): string[] {
  if (waiting.length === 0) return [`no order waits for ${id}`];
  return waiting
    .filter(({ broker }) => cleared.includes(broker))
    .map(({ broker, kid, isAnswered }) => {
      const whose = kid === undefined ? "what was no order" : `the order that key ${kid} had signed`;
      return `${broker}: removed ${whose}${isAnswered ? ", which the board had answered" : ""}`;
    });
}

const orderName = ({ verb, counter }: { readonly verb: string; readonly counter: number }) =>
  `${visible(verb)}, number ${counter}`;
