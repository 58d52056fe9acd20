import { createHash, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { type BrokerAddress, nameOf } from "../node/mqtt/broker-address.js";
import type { RegistrySource } from "../node/network/registry-source.js";
import type { Rotation } from "../node/network/segments.js";
import { mqttSource } from "../node/network/subscriber.js";
import { openVerifier } from "../node/network/verifier.js";
import { visible } from "../text/visible.js";
import { warn } from "./output.js";
import type { JudgementPrinter } from "./render/judgements.js";
import { alarmLine, changes, missingLine, noticeLine } from "./render/verifier-lines.js";

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
  source: RegistrySource,
  registryFile: string,
  addresses: readonly BrokerAddress[],
  options: LiveOptions,
  printer: JudgementPrinter,
): Promise<void> {
  let { registry } = source;
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
  const verifier = openVerifier({
    registry,
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
    const news = source.look();
    for (const word of news.words) warn(word);
    if (news.registry === undefined) return;
    if (news.registry !== registry) warn(`${registryFile} changed: ${changes(registry, news.registry)}`);
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

/** No verifier ran before this was written. Its clock is wrong, then, and every board's frames would be from the future. */
const EARLIEST = Date.UTC(2026, 0, 1);
