import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { didOfKey } from "../../agent/frame/identity.js";
import { parseFrame } from "../../agent/frame/parse.js";
import { InputError } from "../../agent/input-error.js";
import { domainSeparator } from "../../network/statement/domain.js";
import { witnessDigest } from "../../network/statement/statements.js";
import type { Judgement } from "../../network/verify/judgement.js";
import { createVerifier } from "../../network/verify/verifier.js";
import { BoardReceipts } from "../../network/witness/board-receipts.js";
import { writeEntry } from "../../network/witness/entries.js";
import { Epochs } from "../../network/witness/epochs.js";
import { InventoryIndex } from "../../network/witness/inventory-index.js";
import { KeptTrees } from "../../network/witness/kept-trees.js";
import { makeReceipt } from "../../network/witness/make-receipt.js";
import { Reconciler } from "../../network/witness/reconciler.js";
import type { WitnessView } from "../../network/witness/view.js";
import { readKeyFile } from "../key-file.js";
import { nameOf } from "../mqtt/broker-address.js";
import { SequenceFile } from "../network/frame-file.js";
import { guardFile } from "../network/guard-file.js";
import { LmdbStore } from "../network/lmdb/store.js";
import { openLogFiles } from "../network/log-files.js";
import { openRegistrySource, type RegistrySource } from "../network/registry-source.js";
import { mqttSource } from "../network/subscriber.js";
import { readNoteKeyFile } from "../note-key-file.js";
import { createSystemClock } from "../ports/clock.js";
import { makeFolder } from "../ports/key-value.js";
import { noteChecker } from "../ports/note-keys.js";
import { createSigner, hasher, signatureChecker } from "../ports/signer.js";
import { createStatementSigner } from "../ports/statement-keys.js";
import type { WitnessConfig } from "./config.js";
import { EnrolmentLog } from "./enrolment-log.js";
import { Intake } from "./intake.js";
import { mustHave, openPeers } from "./peers.js";
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
 * Opens a witness and begins to take frames in. Rejects with InputError where a file of it is wrong,
 * or its log older than what peers know, and with LockedError where another process runs it.
 */
export async function openWitness(config: WitnessConfig, version: string, report: Report): Promise<Witness> {
  const { network, name, data, domain } = config;
  makeFolder(data);
  const signer = createStatementSigner(readKeyFile(config.keyFile));
  const logKey = readNoteKeyFile(config.logKeyFile);
  const source = registrySource(config);
  let { registry } = source;
  let reconciler: Reconciler | undefined;
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
    const peers = peersOf(config, report);
    if (peers !== undefined) {
      ends.push(async () => {
        const ended = reconciler?.close();
        await peers.close();
        await ended;
      });
      mustHave(witnessLog.log, await peers.known(witnessLog.log.key));
    }
    const separator = domainSeparator(domain);
    if (witnessLog.log.size === 0) {
      const said = { network, name, logKey: logKey.publicKey };
      const signature = signer.sign(witnessDigest(separator, said));
      witnessLog.append([writeEntry({ kind: "witness", ...said, signature })]);
    }

    const enrolled = new EnrolmentLog(witnessLog, store);
    enrolled.add(source.entered);

    const index = new InventoryIndex();
    index.covering(witnessLog.log, 0); // read now, and not while frames come in
    const trees = new KeptTrees(store, hasher);
    if (peers !== undefined)
      reconciler = new Reconciler({
        clock: createSystemClock(),
        every: config.watch,
        peers: peers.inventories,
        trees,
        store,
        hasher,
        report,
      });
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
          { network, store, inventories, log, index, hasher, domain, publicKey, did },
          kid,
          position,
        );
      },
      subtrees: (epoch, prefixes) => trees.subtrees(epoch, prefixes),
      peers,
      enrol: config.http.enrolments ? source.give : undefined,
      isSubscribed: (broker) => subscribed.has(broker),
    });
    const receipts = new BoardReceipts({
      network,
      signer: createSigner(readKeyFile(config.keyFile)),
      clock: createSystemClock(),
      every: 1000 * config.receipts,
      publish: (topic, receipt) => intake.verifier?.publish(topic, receipt),
      durable: () => store.durable(),
    });
    ends.push(() => receipts.close());
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
      signed(epoch, { frames }) {
        trees.forget(epoch);
        report(`epoch ${epoch}: inventory of ${frames} frames signed`);
        peers?.grown();
        reconciler?.closed(epoch);
      },
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
          sources: [
            ...config.brokers.map((address, index) =>
              mqttSource({ address, network, clientId: `fieldmark-${session}-${index}`, keepSession: true }),
            ),
            ...(reconciler?.sources ?? []),
          ],
          openStore: () => ({
            store: {
              ...kept,
              append(bytes, frame, arrival) {
                kept.append(bytes, frame, arrival);
                receipts.kept(frame);
              },
            },
            recovery: { frames: store.size, torn: 0 },
          }),
          evidence: store.contradictions,
          quarantine: config.quarantine,
          quarantineFile: new SequenceFile(join(data, "quarantine.cborseq")),
          judged: (judgement, refused) => view.judged(judgement, refused),
          repeated(verdict, broker, judgement) {
            view.repeated(verdict, broker);
            if (verdict === "duplicate" && judgement !== undefined) again(judgement);
          },
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

    /** A device sends again what it has no receipt of; after a restart nobody remembers which frames those were. */
    function again({ kid = "", boot = 0, sequence = 0 }: Judgement): void {
      if (receipts.repeated(kid, { boot, sequence })) return;
      const kept = store.frame(kid, { boot, sequence });
      const parsed = kept && parseFrame(kept.bytes);
      if (parsed !== undefined && "frame" in parsed) receipts.kept(parsed.frame);
    }

    peers?.follow(() => witnessLog.log);
    const { age, size } = config.retention;
    const needed = () => config.epoch * (epochs.epoch - config.window);
    const swept = (frames: number) => report(`${frames} frames removed, as retention says`);
    const forget = (before: number) => store.inventories.removeBefore(Math.floor(before / config.epoch));
    ends.push(retain({ store, age, size, needed, forget, swept, failed }));

    let trouble = "";
    const look = setInterval(() => {
      const news = source.look();
      for (const word of news.words) report(word);
      if (news.registry !== undefined) {
        registry = news.registry;
        report(`${config.registry}: ${registry.size} devices`);
        intake.enrol(registry);
      }
      try {
        enrolled.add(news.entered);
        trouble = "";
      } catch (error) {
        const { message } = error as Error;
        if (message !== trouble) report(`statements of owners wait for the log: ${message}`);
        trouble = message;
      }
    }, LOOK);
    ends.push(() => clearInterval(look));

    return {
      view,
      did: didOfKey(signer.publicKey),
      backup: (file) => store.backup(file),
      close: () => endAll(ends),
    };
  } catch (error) {
    await endAll(ends);
    throw error;
  }
}

/** Throws InputError where it is another network's. */
function registrySource({ registry: path, network, owners, http }: WitnessConfig): RegistrySource {
  const isFolder = statSync(path).isDirectory();
  if (!isFolder && owners !== undefined)
    throw new InputError("owners goes with a folder of enrolments: a registry file says them itself");
  if (!isFolder && http.enrolments)
    throw new InputError("http: enrolments goes with a folder of enrolments, which a registry file is not");
  const source = openRegistrySource({
    path,
    ...(isFolder && { network, owners: owners && new Set(owners) }),
  });
  if (source.registry.network === network) return source;
  throw new InputError(`${path} is of network "${source.registry.network}", not of "${network}"`);
}

/** Undefined where it has none. */
function peersOf({ peers, watch, data, name, cosignerKeyFile }: WitnessConfig, report: Report) {
  if (peers.length === 0) return undefined;
  const cosignerKey = readNoteKeyFile(cosignerKeyFile);
  return openPeers({ peers, every: watch, data, name, cosignerKey, clock: createSystemClock(), report });
}

/** The last begun ends first. */
async function endAll(ends: (() => void | Promise<void>)[]): Promise<void> {
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
}
