import type { FetchLogFile } from "./log-source.js";

/** The way to one peer. Whatever comes by it is a stranger's. */
export interface PeerLink {
  /** A file of the peer's log. */
  readonly log: FetchLogFile;
  /**
   * A file of what it cosigned, by the paths of `keptPath` (tlog-witness, "Monitor Retrieval
   * Mechanism").
   */
  readonly cosigned: FetchLogFile;
  /**
   * Sends an add-checkpoint (tlog-witness). Rejects where there is no answer within a time, or one
   * of more bytes than a note has.
   */
  readonly ask: (body: Uint8Array) => Promise<{ readonly status: number; readonly body: Uint8Array }>;
}
