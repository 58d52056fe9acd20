import { Cosigner } from "../../network/log/cosign.js";
import type { ForkEvidence } from "../../network/log/fork.js";
import { createKeptCheckpoints } from "../../network/log/kept-checkpoints.js";
import { createLog, type Log } from "../../network/log/log.js";
import type { PeerLink } from "../../network/ports/peer-link.js";
import { Peer } from "../../network/witness/peer.js";
import { noteChecker as checker } from "../../node/ports/note-keys.js";
import { entriesOf, memoryLogFiles, noteKey } from "./logs.js";
import { VirtualClock } from "./virtual-clock.js";

/** One party: a log, a cosigner of others' logs, and the files of both. */
export class Party {
  readonly contents: Map<string, Uint8Array>;
  readonly signed = new Map<string, Uint8Array>();
  readonly log: Log;
  readonly cosigner: Cosigner;

  constructor(name: string, others: readonly string[], contents = new Map<string, Uint8Array>()) {
    this.contents = contents;
    this.log = createLog({ files: memoryLogFiles(contents), checker, origin: name, key: noteKey(name) });
    const logOf = (origin: string) =>
      createLog({ files: memoryLogFiles(), checker, origin, key: noteKey(origin) });
    this.cosigner = new Cosigner({
      checker,
      clock: new VirtualClock(),
      name,
      key: noteKey(`cosigner ${name}`),
      logs: others.map((other) => logOf(other).key),
      kept: createKeptCheckpoints(memoryLogFiles(this.signed), checker),
    });
  }

  grow(by: number, mark = ""): void {
    this.log.append(entriesOf(this.log.size, this.log.size + by, mark));
  }

  /** How others reach it. */
  link(): PeerLink {
    return {
      log: async (path) => this.contents.get(path),
      cosigned: async (path) => this.signed.get(path),
      ask: async (body) => {
        const answer = this.cosigner.addCheckpoint(body);
        return { status: answer.status, body: new TextEncoder().encode(answer.body) };
      },
    };
  }
}

/** `peer` as `own` sees it, and what is said and kept of it. */
export function peerOf(own: Party, peer: Party, link: Partial<PeerLink> = {}) {
  const said: string[] = [];
  const evidence: ForkEvidence[] = [];
  const made = new Peer({
    key: peer.log.key,
    cosignerKey: peer.cosigner.key,
    link: { ...peer.link(), ...link },
    checker,
    seen: createKeptCheckpoints(memoryLogFiles(), checker),
    cosigned: createKeptCheckpoints(memoryLogFiles(own.signed), checker),
    isForked: false,
    keepEvidence: (found) => evidence.push(found),
    report: (line) => said.push(line),
  });
  return { peer: made, said, evidence };
}
