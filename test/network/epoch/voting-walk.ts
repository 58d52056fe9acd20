import { NO_RECORD } from "../../../network/epoch/say.js";
import { type NetOptions, VotingNet, violationsOf } from "./voting-net.js";

/** Of the share that is lost, and milliseconds on the way: while it is bad, and when it is well again. */
const BAD = { loss: 0.2, latency: 600, rounds: 12, round: 7000 };
const WELL = { latency: 50, time: 300_000 };

/**
 * One run with losses, partitions, kills, and liars that say whatever they heard of; then all is well.
 * Returns what was broken, in words.
 */
export async function walk(options: NetOptions & { readonly liars: number }): Promise<string[]> {
  const net = new VotingNet(options);
  const honest = net.settled.map((_, at) => at).filter((at) => !net.liars.includes(at));
  const one = () => honest[Math.floor(net.dice() * honest.length)] as number;
  net.heard = (message, at) => {
    if (message?.type !== "say" || net.dice() < 0.7) return;
    const { slot, record } = message.say;
    const kind = (["vote", "final", "void"] as const)[Math.floor(net.dice() * 3)] ?? "vote";
    if (kind !== "void" && record.every((byte) => byte === 0)) return;
    const say = net.sign(at, { slot, kind, record: kind === "void" ? NO_RECORD : record });
    net.tell(one(), { type: "say", say }, at);
  };
  net.loss = BAD.loss;
  net.latency = BAD.latency;
  for (let round = 0; round < BAD.rounds; round++) {
    net.groups = net.groups.map(() => (net.dice() < 0.3 ? 1 : 0));
    const at = one();
    if (net.dice() < 0.5) net.kill(at);
    await net.run(BAD.round);
    if (!net.isUp(at)) net.start(at);
    const violations = violationsOf(net);
    if (violations.length > 0) return violations;
  }
  net.loss = 0;
  net.latency = WELL.latency;
  net.groups = net.groups.map(() => 0);
  await net.run(WELL.time);
  const late = honest.filter((at) => (net.settled[at]?.at(-1)?.epoch ?? 0) < net.closed - 2);
  return [
    ...violationsOf(net),
    ...late.map((at) => `witness ${at} does not settle, though all is well`),
    ...net.failures.map(({ message }) => message),
  ];
}
