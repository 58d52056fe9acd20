import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { hasher, signatureChecker } from "../host-sim/ports/signer.js";
import { type BrokerAddress, nameOf } from "../network/broker-address.js";
import { quoted, visible } from "../network/visible.js";
import type { Missing } from "../network/witness/missing.js";
import type { Registry } from "../network/witness/registry.js";
import { RegistryWatch } from "../network/witness/registry-watch.js";
import type { Rotation } from "../network/witness/segments.js";
import { mqttSource } from "../network/witness/subscriber.js";
import { createVerifier, type Notice } from "../network/witness/verifier.js";
import type { Alarm } from "../network/witness/vigil.js";
import { warn } from "./output.js";
import type { JudgementPrinter } from "./render/judgements.js";

/** Milliseconds from one look at the registry's file to the next. */
const LOOK = 1000;

export interface LiveOptions {
  out?: string;
  rotate?: Rotation;
  replay?: boolean;
  for?: number;
  strict?: boolean;
  quarantine: number;
}

/** Verifies what brokers carry, until it is told to stop. Throws where it cannot go on, or what it is to check was not fine. */
export async function listen(
  registryFile: string,
  addresses: readonly BrokerAddress[],
  options: LiveOptions,
  printer: JudgementPrinter,
): Promise<void> {
  const opened = RegistryWatch.open(registryFile, hasher);
  let { registry } = opened;
  const out = options.out === undefined ? undefined : resolve(options.out);
  const session = createHash("sha256")
    .update(`${hostname()} ${registry.network} ${out ?? randomBytes(8).toString("hex")}`)
    .digest("hex");
  let end = (_isSignal: boolean) => {};
  const ended = new Promise<boolean>((done) => {
    end = done;
  });
  let failure: Error | undefined;
  let isReached = false;
  const away = new Set(addresses.map(nameOf));
  let lastLoss = "none answers";
  const verifier = createVerifier({
    registry,
    signatures: signatureChecker,
    sources: addresses.map((address, index) =>
      mqttSource({
        address,
        network: registry.network,
        // Two URLs may lead to one broker, which has only one session of a name.
        clientId: `fieldmark-verify-${session.slice(0, 12)}-${index}`,
        keepSession: out !== undefined,
      }),
    ),
    out,
    rotation: options.rotate,
    replay: options.replay,
    quarantine: options.quarantine,
    judged: printer.print,
    repeated: printer.repeated,
    notice(notice) {
      if (notice.type === "stranger") printer.waits(notice.judgement);
      const line = noticeLine(notice);
      if (line !== undefined) warn(line);
    },
    missing: (kid, missing) => warn(missingLine(kid, missing, registry, away.size === 0)),
    alarm: (alarm) => warn(alarmLine(alarm, registry)),
    state(broker, state, reason) {
      if (state === "subscribed") away.delete(broker);
      else away.add(broker);
      if (state === "subscribed") isReached = true;
      else lastLoss = `${visible(broker)}: ${visible(reason)}`;
      warn(`${visible(broker)}: ${state}${reason === "" ? "" : ` (${visible(reason)})`}`);
    },
    failed(error) {
      failure = new Error(error.message);
      end(false);
    },
  });
  if (Date.now() < EARLIEST)
    warn(
      `this machine's clock is plainly wrong: it says ${new Date().toISOString()}. Set it: what is "future" is judged by it`,
    );
  const { frames, torn } = verifier.recovery;
  if (frames > 0) warn(`${out} holds ${frames} frames already`);
  if (torn > 0) warn(`${out}: cut off ${torn} bytes of a frame that was not written whole`);
  if (verifier.quarantined > 0) warn(`${verifier.quarantined} frames of devices that are not enrolled wait`);

  const look = setInterval(() => {
    const news = opened.watch.look();
    if (news === undefined) return;
    if ("reason" in news) {
      warn(`${news.reason}. The registry that was read before stays in force`);
      return;
    }
    warn(`${registryFile} changed: ${changes(registry, news.registry)}`);
    registry = news.registry;
    verifier.enrol(registry);
  }, LOOK);
  const timer = options.for === undefined ? undefined : setTimeout(() => end(false), options.for);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => end(true));
  const isSignal = await ended;
  clearTimeout(timer);
  clearInterval(look);
  await verifier.close(false);
  printer.summary(verifier.quarantined, verifier.gaps);
  if (failure !== undefined) throw failure;
  if (!isReached && (!isSignal || options.strict === true))
    throw new Error(`no broker could be reached (${lastLoss})`);
  if (options.strict === true && printer.bad > 0)
    throw new Error(`not fine: ${printer.bad} of ${printer.frames} frames`);
}

function noticeLine(notice: Notice): string | undefined {
  if (notice.type === "stranger")
    return `unknown-device ${notice.judgement.kid}: its frames wait until the registry has it`;
  return `gave up ${notice.frames} frames of devices that are not enrolled: there is no more room for them (--quarantine)`;
}

/** No verifier ran before this was written. Its clock is wrong, then, and every board's frames would be from the future. */
const EARLIEST = Date.UTC(2026, 0, 1);

function alarmLine(alarm: Alarm, registry: Registry): string {
  if (alarm.type === "unreached")
    return `${visible(alarm.broker)}: not reached for ${alarm.seconds} s (${visible(alarm.reason)})`;
  if (alarm.type === "clock-right") return "this machine's clock and those of the boards agree again";
  if (alarm.type === "clock") {
    const how = `${Math.abs(alarm.seconds)} s ${alarm.seconds < 0 ? "behind" : "ahead of"}`;
    return `this machine's clock is plainly wrong: it is ${how} those of ${alarm.boards} of ${alarm.of} boards. Set it: what is "future" is judged by it`;
  }
  const who = boardOf(alarm.kid, registry);
  return alarm.type === "back"
    ? `${who} is back: it was silent for ${alarm.seconds} s`
    : `${who} is silent: nothing for ${alarm.seconds} s, and a reading each ${alarm.cadence} s is enrolled`;
}

/** `isReached`: every broker is. */
function missingLine(kid: string, missing: Missing, registry: Registry, isReached: boolean): string {
  const { before, after, ranges, fate } = missing;
  const who = boardOf(kid, registry);
  const where = ranges.map(
    ({ boot, first, last }) => `boot ${boot}, ${first}${last > first ? ` to ${last}` : ""}`,
  );
  const count = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const what =
    count === 0
      ? `frames between boot ${before.boot}, ${before.sequence} and boot ${after.boot}, ${after.sequence} are`
      : `${count} ${count === 1 ? "frame" : "frames"} (${where.join("; ")}) ${count === 1 ? "is" : "are"}`;
  if (fate.type === "left-out")
    return `${who}: ${what} missing that the board left out: it declared the loss in boot ${fate.by.boot}, ${fate.by.sequence}`;
  if (fate.type === "queued")
    return `${who}: ${what} missing. The board says that it still has frames from then: ${fate.queue} wait for a broker`;
  const or = isReached ? "" : ", or they wait at a broker that is not reached";
  return `${who}: ${what} missing that the board says its brokers took: lost after that, at a broker or on the way${or}`;
}

function boardOf(kid: string, registry: Registry): string {
  return `${quoted(registry.device(kid)?.site ?? "")} (${visible(kid)})`;
}

function changes(before: Registry, after: Registry): string {
  const added = [...after.kids()].filter((kid) => before.device(kid) === undefined);
  const removed = [...before.kids()].filter((kid) => after.device(kid) === undefined);
  const parts = [
    added.length > 0 ? `${named(added, after)} enrolled` : "",
    removed.length > 0 ? `${named(removed, before)} no longer enrolled` : "",
  ];
  return parts.filter(Boolean).join(", ") || `read again, the same ${after.size} devices`;
}

/** Devices that are named one by one. */
const NAMED = 5;

function named(kids: readonly string[], registry: Registry): string {
  if (kids.length > NAMED) return `${kids.length} devices`;
  return kids.map((kid) => boardOf(kid, registry)).join(", ");
}
