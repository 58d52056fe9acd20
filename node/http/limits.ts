/** What one server gives at most. All of it at once is about 1 GB, of frames made for it. */
export interface Limits {
  /** Connections at a time; more are hung up on. */
  readonly connections: number;
  /** Bytes of a request's first line and headers together; more is answered by 431. */
  readonly headerBytes: number;
  /** Milliseconds for a whole request to come; then 408. */
  readonly requestTime: number;
  /** Milliseconds without a byte either way before a connection is closed. */
  readonly idleTime: number;
  /** Downloads without `limit` at a time, of all together and of one address; then 503. */
  readonly downloads: number;
  readonly downloadsEach: number;
  /** The same of those who listen for events. */
  readonly listeners: number;
  readonly listenersEach: number;
  /**
   * Bytes that may wait for one listener; one that is further behind is dropped. What comes in one
   * moment, as when a store commits, waits for all: some 1,300 frames of one reading.
   */
  readonly backlog: number;
  /** Milliseconds between comments that keep an event stream open; below `idleTime`. */
  readonly heartbeat: number;
}

export const LIMITS: Limits = {
  connections: 256,
  headerBytes: 8192,
  requestTime: 15_000,
  idleTime: 60_000,
  downloads: 16,
  downloadsEach: 4,
  listeners: 128,
  listenersEach: 8,
  backlog: 1024 * 1024,
  heartbeat: 20_000,
};

/** Requests of one address in so many seconds; then 429. */
export interface Rate {
  readonly requests: number;
  readonly seconds: number;
}

export const RATE: Rate = { requests: 600, seconds: 60 };
