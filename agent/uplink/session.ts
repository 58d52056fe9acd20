import type { Clock, Timer } from "../ports/clock.js";
import type { Link } from "../ports/link.js";
import type { Random } from "../ports/random.js";
import { type BackoffConfig, backoffDelay } from "./backoff.js";

export interface SessionConfig {
  /** Milliseconds without an answer that is due. */
  readonly timeout: number;
  readonly backoff: BackoffConfig;
}

export interface SessionHandler {
  opened(): void;
  acknowledged(id: number): void;
  closed(reason: string, wasOpen: boolean): void;
}

export interface Session {
  readonly isOpen: boolean;
  start(): void;
  stop(): void;
  publish(id: number, topic: string, frame: Uint8Array): void;
}

type State = "stopped" | "waiting" | "opening" | "open";

/**
 * Keeps one broker's session: opens it, watches that answers come, and after its end opens it anew, later each
 * time. Only an acknowledgement makes the waiting short again: a broker that takes connections and nothing else
 * is not well.
 */
export function createSession(
  link: Link,
  clock: Clock,
  random: Random,
  config: SessionConfig,
  handler: SessionHandler,
): Session {
  let state: State = "stopped";
  let attempt = 0;
  let owed = 0;
  let waitingSince = 0;
  let timer: Timer | undefined;

  function arm(delay: number, callback: () => void): void {
    disarm();
    timer = clock.setTimer(() => {
      timer = undefined;
      callback();
    }, delay);
  }

  function disarm(): void {
    if (timer !== undefined) clock.clearTimer(timer);
    timer = undefined;
  }

  function open(): void {
    state = "opening";
    owed = 0;
    arm(config.timeout, () => giveUp("no answer to the connection"));
    link.open({
      opened() {
        state = "open";
        disarm();
        handler.opened();
      },
      acknowledged(id, kept) {
        // The rest of the window has the same fate, so the session is as good as over.
        if (!kept) return giveUp("no subscriber");
        attempt = 0;
        owed--;
        waitingSince = clock.uptime();
        if (owed === 0) disarm();
        handler.acknowledged(id);
      },
      closed: over,
    });
  }

  function giveUp(reason: string): void {
    link.close();
    over(reason);
  }

  function over(reason: string): void {
    const wasOpen = state === "open";
    state = "waiting";
    arm(backoffDelay(config.backoff, attempt++, random), open);
    handler.closed(reason, wasOpen);
  }

  function watch(): void {
    const left = config.timeout - (clock.uptime() - waitingSince);
    if (left <= 0) giveUp("no acknowledgement");
    else arm(left, watch);
  }

  return {
    get isOpen() {
      return state === "open";
    },
    start() {
      if (state === "stopped") open();
    },
    stop() {
      disarm();
      if (state === "opening" || state === "open") link.close();
      state = "stopped";
    },
    publish(id, topic, frame) {
      if (owed++ === 0) {
        waitingSince = clock.uptime();
        arm(config.timeout, watch);
      }
      link.publish(id, topic, frame);
    },
  };
}
