import { existsSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../agent/input-error.js";
import type { Clock } from "../../agent/ports/clock.js";
import { type Answer, Cosigner } from "../../network/log/cosign.js";
import type { ForkEvidence } from "../../network/log/fork.js";
import { writeForkFile } from "../../network/log/fork-file.js";
import { createKeptCheckpoints, keptPath } from "../../network/log/kept-checkpoints.js";
import type { Log } from "../../network/log/log.js";
import type { VerifierKey } from "../../network/log/note-key.js";
import type { NoteKey } from "../../network/ports/note-keys.js";
import type { PeerLink } from "../../network/ports/peer-link.js";
import { type KnownCheckpoint, knownCheckpoints } from "../../network/witness/known-checkpoints.js";
import { Peer } from "../../network/witness/peer.js";
import { Peers } from "../../network/witness/peers.js";
import type { ReconciledPeer } from "../../network/witness/reconciler.js";
import type { PeerView } from "../../network/witness/view.js";
import { replaceFile } from "../files.js";
import { openLogFiles } from "../network/log-files.js";
import { peerLink } from "../network/peer-link.js";
import { makeFolder } from "../ports/key-value.js";
import { noteChecker as checker } from "../ports/note-keys.js";
import type { PeerConfig } from "./peer-config.js";

export interface OpenPeersParts {
  readonly peers: readonly PeerConfig[];
  /** Seconds from one look to the next. */
  readonly every: number;
  /** The witness's folder. What is kept of peers' logs goes into `seen`, `cosigned` and `evidence`. */
  readonly data: string;
  /** The witness's name. */
  readonly name: string;
  readonly cosignerKey: NoteKey;
  readonly clock: Clock;
  readonly report: (line: string) => void;
}

/** A witness's peers, with what is kept of them on this machine. */
export interface NodePeers {
  /** What they know of the log with this key; it takes seconds at most, and never rejects. */
  known(key: VerifierKey): Promise<KnownCheckpoint[]>;
  /** How their inventories are reached. */
  readonly inventories: readonly ReconciledPeer[];
  /** Begins to follow them, and to have them cosign `log`. */
  follow(log: () => Log): void;
  /** To be called when that log has grown. */
  grown(): void;
  views(): PeerView[];
  addCheckpoint(body: Uint8Array): Answer;
  /** By SHA-256 of the log's name, in hex. */
  cosigned(origin: string): Uint8Array | undefined;
  close(): Promise<void>;
}

/** Throws LockedError where another process has the folder's files. */
export function openPeers(parts: OpenPeersParts): NodePeers {
  const { peers, every, data, name, cosignerKey, clock } = parts;
  const over = new AbortController();
  // What was under way when it ended failed for no other reason.
  const report = (line: string) => {
    if (!over.signal.aborted) parts.report(line);
  };
  const linked = peers.map((peer) => ({ ...peer, link: peerLink({ url: peer.url, signal: over.signal }) }));
  const seenFiles = openLogFiles(join(data, "seen"));
  const cosignedFiles = openLogFiles(join(data, "cosigned"));
  const seen = createKeptCheckpoints(seenFiles, checker);
  const cosigned = createKeptCheckpoints(cosignedFiles, checker);
  const logs = peers.map(({ key }) => key);
  const cosigner = new Cosigner({ checker, clock, name, key: cosignerKey, logs, kept: cosigned });
  let following: Peers | undefined;

  function peerOf({ key, cosignerKey, link }: PeerConfig & { readonly link: PeerLink }): Peer {
    const file = evidenceFile(data, key);
    return new Peer({
      key,
      cosignerKey,
      link,
      checker,
      seen,
      cosigned,
      isForked: existsSync(file),
      keepEvidence(evidence: ForkEvidence) {
        makeFolder(join(data, EVIDENCE));
        replaceFile(file, writeForkFile(evidence, key));
        report(`evidence is in ${file}: fieldmark verify --evidence checks it`);
      },
      report,
    });
  }

  return {
    inventories: linked.map(({ key: { name }, link }) => ({ name, link })),
    known: (key) =>
      knownCheckpoints(
        linked.map(({ key: { name }, link }) => ({ name, link })),
        key,
        checker,
        report,
      ),
    follow(log) {
      following = new Peers({ clock, every, peers: linked.map(peerOf), cosigner, log });
    },
    grown: () => following?.grown(),
    views: () => following?.views() ?? [],
    addCheckpoint: (body) => following?.addCheckpoint(body) ?? cosigner.addCheckpoint(body),
    cosigned: (origin) => cosignedFiles.read(`${origin}/checkpoint`),
    async close() {
      over.abort();
      await following?.close();
      cosignedFiles.close();
      seenFiles.close();
    },
  };
}

const EVIDENCE = "evidence";

/** One a log: the first fork says all. */
const evidenceFile = (data: string, { name }: VerifierKey): string =>
  join(data, EVIDENCE, `fork-${keptPath(name, checker).slice(0, 16)}.json`);

/** Throws InputError, for people, where a log does not have what peers know of it. */
export function mustHave(log: Pick<Log, "mustHave">, known: readonly KnownCheckpoint[]): void {
  for (const { name, note } of known)
    try {
      log.mustHave(note);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(
        `${error.message}. Peer ${name} has cosigned more than what is here: this folder was restored from an old copy. Going on from here would contradict what was signed. Put back the newest copy of its log folder; where there is none, begin a new log under another name: fieldmark witness init`,
      );
    }
}
