import { createHash } from "node:crypto";
import { join } from "node:path";
import { didOfKey } from "../../agent/frame/identity.js";
import { domainSeparator } from "../../network/statement/domain.js";
import { witnessDigest } from "../../network/statement/statements.js";
import { createVerifier } from "../../network/verify/verifier.js";
import { writeEntry } from "../../network/witness/entries.js";
import { Epochs } from "../../network/witness/epochs.js";
import { makeReceipt } from "../../network/witness/make-receipt.js";
import type { WitnessView } from "../../network/witness/view.js";
import { readKeyFile } from "../key-file.js";
import { nameOf } from "../mqtt/broker-address.js";
import { SequenceFile } from "../network/frame-file.js";
import { guardFile } from "../network/guard-file.js";
import { LmdbStore } from "../network/lmdb/store.js";
import { openLogFiles } from "../network/log-files.js";
import { RegistryWatch } from "../network/registry-watch.js";
import { mqttSource } from "../network/subscriber.js";
import { readNoteKeyFile } from "../note-key-file.js";
import { createSystemClock } from "../ports/clock.js";
import { makeFolder } from "../ports/key-value.js";
import { noteChecker } from "../ports/note-keys.js";
import { hasher, signatureChecker } from "../ports/signer.js";
import { createStatementSigner } from "../ports/statement-keys.js";
import type { WitnessConfig } from "./config.js";
import { Intake } from "./intake.js";
import { retain } from "./retention.js";
import { NodeView } from "./view.js";
import { WitnessLog } from "./witness-log.js";

/** Milliseconds from one look at the registry to the next. */
const LOOK = 1000;

/** What happens, in words. */
export type Report = (line: string) => void;

export interface Witness {
  readonly view: WitnessView;
  /** did:key of the key that signs its statements. */
  readonly did: string;
  /** Copies the store as it is now. */
  backup(file: string): Promise<void>;
  /** Within seconds, whatever brokers do. */
  close(): Promise<void>;
}

/**
 * Opens a witness and begins to take frames in. Throws InputError where a file of it is wrong, and
 * LockedError where another process runs it.
 */
export function openWitness(config: WitnessConfig, version: string, report: Report): Witness {
  const { network, name, data, domain } = config;
  makeFolder(data);
  const signer = createStatementSigner(readKeyFile(config.keyFile));
  const logKey = readNoteKeyFile(config.logKeyFile);
  const opened = RegistryWatch.open(config.registry);
  let { registry } = opened;
  const ends: (() => void | Promise<void>)[] = [];
  try {
    const store = new LmdbStore(join(data, "frames.mdb"), network);
    ends.push(() => store.close());
    const files = openLogFiles(join(data, "log"));
    ends.push(() => files.close());
    const witnessLog = new WitnessLog({
      files,
      checker: noteChecker,
      origin: name,
      key: logKey,
      notes: store,
    });
    const separator = domainSeparator(domain);
    if (witnessLog.log.size === 0) {
      const said = { network, name, logKey: logKey.publicKey };
      const signature = signer.sign(witnessDigest(separator, said));
      witnessLog.append([writeEntry({ kind: "witness", ...said, signature })]);
    }

    const subscribed = new Set<string>();
    const session = createHash("sha256").update(`${network} ${name} ${data}`).digest("hex").slice(0, 12);
    const view = new NodeView({
      network,
      name,
      version,
      did: didOfKey(signer.publicKey),
      brokers: config.brokers.map(nameOf),
      store,
      log: () => witnessLog.log,
      files,
      intake: () => intake,
      registry: () => registry,
      receipt(kid, position) {
        const { inventories } = store;
        const { log } = witnessLog;
        const { publicKey } = signer;
        const did = (of: string) => registry.device(of)?.did;
        return makeReceipt(
          { network, store, inventories, log, hasher, domain, publicKey, did },
          kid,
          position,
        );
      },
      isSubscribed: (broker) => subscribed.has(broker),
    });
    const failed = (error: Error) => report(error.message);
    // Before brokers are connected: a guard that is damaged ends all here.
    const epochs = new Epochs({
      network,
      clock: createSystemClock(),
      seconds: config.epoch,
      window: config.window,
      store,
      inventories: store.inventories,
      hasher,
      guard: guardFile(join(data, "guard.json")),
      signer,
      domain: separator,
      log: witnessLog,
      signed: (epoch, { frames }) => report(`epoch ${epoch}: inventory of ${frames} frames signed`),
      failed,
    });
    ends.push(() => epochs.close());
    const intake: Intake = new Intake({
      folder: data,
      reserve: config.retention.reserve,
      store,
      open: (kept, failed) =>
        createVerifier({
          registry,
          signatures: signatureChecker,
          clock: createSystemClock(),
          sources: config.brokers.map((address, index) =>
            mqttSource({ address, network, clientId: `fieldmark-${session}-${index}`, keepSession: true }),
          ),
          openStore: () => ({ store: kept, recovery: { frames: store.size, torn: 0 } }),
          evidence: store.contradictions,
          quarantine: config.quarantine,
          quarantineFile: new SequenceFile(join(data, "quarantine.cborseq")),
          judged: (judgement, refused) => view.judged(judgement, refused),
          repeated: (verdict, broker) => view.repeated(verdict, broker),
          state(broker, state, reason) {
            if (state === "subscribed") subscribed.add(broker);
            else subscribed.delete(broker);
            report(`${broker}: ${state}${reason === "" ? "" : ` (${reason})`}`);
          },
          failed,
        }),
      changed({ state, reason }) {
        if (state !== "running") subscribed.clear();
        report(state === "running" ? "taking frames in again" : `nothing is taken in: ${reason}`);
      },
    });
    ends.push(() => intake.close());

    const { age, size } = config.retention;
    const needed = () => config.epoch * (epochs.epoch - config.window);
    const swept = (frames: number) => report(`${frames} frames removed, as retention says`);
    ends.push(retain({ store, age, size, needed, swept, failed }));

    const look = setInterval(() => {
      const news = opened.watch.look();
      if (news === undefined) return;
      if ("reason" in news) return report(`${news.reason}. The registry that was read before stays in force`);
      registry = news.registry;
      report(`${config.registry}: ${registry.size} devices`);
      intake.enrol(registry);
    }, LOOK);
    ends.push(() => clearInterval(look));

    return {
      view,
      did: didOfKey(signer.publicKey),
      backup: (file) => store.backup(file),
      close: () => endAll(ends),
    };
  } catch (error) {
    void endAll(ends);
    throw error;
  }
}

/** The last begun ends first. */
async function endAll(ends: (() => void | Promise<void>)[]): Promise<void> {
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
}
