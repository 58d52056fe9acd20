import { BROKER_AWAY, BROKER_TAKES, NO_SUBSCRIBER } from "../../agent/uplink/session.js";
import type { BrokerReport } from "../../agent/uplink/uplink.js";
import { visible } from "../../text/visible.js";
import type { BoardClient, JournalState } from "../board-client.js";
import { BoardError } from "../board-error.js";
import { type BrokerState, type Operation, OperationError } from "../events.js";
import { asked } from "./board.js";
import { restart } from "./provision.js";

/** How long brokers are waited for. All in milliseconds. */
export interface BrokerPatience {
  /** Until the board is in its network. */
  readonly network?: number;
  /** After that, until its brokers have acknowledged a frame. */
  readonly brokers?: number;
  /** Between two looks. */
  readonly every?: number;
}

export interface BrokerCheckOptions extends BrokerPatience {
  /** What to do where the board is in no network: a failure, or only a note (it may be told of its Wi-Fi later). */
  readonly offline: "fails" | "noted";
  /**
   * The board has been asking its brokers for a while, one that was away ever more seldom, and what was
   * the matter may be mended by now: where they do not take it at the first look it starts again, so that
   * it asks now. Unix time in milliseconds, which it is told then.
   */
  readonly again?: () => number;
}

const NETWORK = 20_000;
const BROKERS = 30_000;
const EVERY = 500;
/** Once each broker that does not take the board has said why: time for one more try, since networks and brokers start, too. */
const ONCE_MORE = 5000;
/** A broker that has had a session for so long and got no frame gets one more reading. */
const READING_EVERY = 3000;
const OFFLINE = "the board is in no network, so its brokers could not be asked";
const HINT =
  "Look at host, port, user and password of the brokers, and whether the board's network reaches them. --no-broker-check goes on without.";

/**
 * Asks the board whether its brokers take it: as many as it wants must acknowledge a frame, or take it and say that nobody listens yet, which is
 * noted. Returns false where there was nothing to ask. Throws OperationError `no-broker` that says of each broker why not.
 */
export async function* checkBrokers(client: BoardClient, options: BrokerCheckOptions): Operation<boolean> {
  yield { type: "step", step: "brokers" };
  const { network = NETWORK, brokers = BROKERS, every = EVERY, again } = options;
  if (!(await isOnline(client, network, every))) {
    if (options.offline === "fails") throw offline();
    yield { type: "note", step: "brokers", message: OFFLINE };
    return false;
  }
  let until = Date.now() + brokers;
  let hasHurried = false;
  let hasRestarted = false;
  let readingAt = 0;
  let said = "";
  for (;;) {
    const now = Date.now();
    const journal = await asked("brokers", "no-broker", () => client.journal());
    const states = statesOf(journal);
    const shown = JSON.stringify(states);
    if (shown !== said) yield { type: "brokers", brokers: states };
    said = shown;
    const wanted = Math.min(journal.uplink?.copies ?? 1, states.length);
    const taking = states.filter(isTaken);
    if (wanted === 0) {
      yield {
        type: "note",
        step: "brokers",
        message: "the board has no broker but those that it finds itself",
      };
      return false;
    }
    if (taking.length >= wanted) {
      for (const message of notesOf(states)) yield { type: "note", step: "brokers", message };
      return true;
    }
    if (again !== undefined && !hasRestarted) {
      hasRestarted = true;
      await restart(client, again);
      if (!(await isOnline(client, network, every))) throw offline();
      until = Date.now() + brokers;
      continue;
    }
    if (!hasHurried && states.every((state) => isTaken(state) || state.reason !== "")) {
      hasHurried = true;
      until = Math.min(until, now + ONCE_MORE);
    }
    if (now >= until) throw refused(states, wanted);
    yield { type: "progress", step: "brokers", done: taking.length, total: wanted };
    if (now >= readingAt && states.some(({ standing }) => standing === "open")) {
      readingAt = now + READING_EVERY;
      await readingFor(client);
    }
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

async function isOnline(client: BoardClient, patience: number, every: number): Promise<boolean> {
  for (const until = Date.now() + patience; ; ) {
    const { state } = await asked("brokers", "no-broker", () => client.state());
    if (state === "provisioned") return true;
    if (Date.now() >= until) return false;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

const offline = () => new OperationError("brokers", "no-broker", OFFLINE, HINT);

/** A frame for brokers to acknowledge. A board without a working sensor makes none: that is another step's to say. */
async function readingFor(client: BoardClient): Promise<void> {
  try {
    await client.reading();
  } catch (error) {
    if (!(error instanceof BoardError) || error.code === "closed")
      await asked("brokers", "no-broker", () => Promise.reject(error));
  }
}

const isTaken = ({ standing }: BrokerState) => standing === "takes" || standing === "unheard";

function statesOf({ uplink, brokers }: JournalState): readonly BrokerState[] {
  // A firmware that is older than this question says who is connected, and no more.
  if (uplink === undefined) return brokers.map((name) => ({ name, standing: "takes", reason: "" }));
  return uplink.links.map(stateOf);
}

function stateOf({ name, standing, reason }: BrokerReport): BrokerState {
  if (standing === BROKER_TAKES) return { name, standing: "takes", reason: "" };
  if (reason === NO_SUBSCRIBER) return { name, standing: "unheard", reason };
  return { name, standing: standing === BROKER_AWAY ? "away" : "open", reason };
}

function* notesOf(states: readonly BrokerState[]): Generator<string> {
  for (const { name, standing, reason } of states)
    if (standing === "unheard")
      yield `${visible(name)} takes the board, and nobody listens there for its frames yet`;
    else if (standing === "away" && reason !== "")
      yield `${visible(name)} does not take the board: ${visible(reason)}`;
}

function refused(states: readonly BrokerState[], wanted: number): OperationError {
  const taking = states.filter(isTaken).length;
  const why = states
    .filter((state) => !isTaken(state))
    .map(
      ({ name, standing, reason }) =>
        `${visible(name)}: ${visible(reason) || (standing === "open" ? "no acknowledgement" : "no answer")}`,
    );
  return new OperationError(
    "brokers",
    "no-broker",
    `${taking} of ${wanted} brokers take the board's frames; ${why.join("; ")}`,
    HINT,
  );
}
