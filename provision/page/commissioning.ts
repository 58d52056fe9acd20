import { didOfKey } from "../../agent/frame/identity.js";
import type { FoundNetwork } from "../../agent/provision/host.js";
import type { BoardClient } from "../board-client.js";
import { type Operation, OperationError } from "../events.js";
import { type BoardNames, lend } from "../names/board-names.js";
import type { BoardPlace } from "../names/place.js";
import { asked } from "../operations/board.js";
import { checkBrokers } from "../operations/brokers.js";
import { type CommissionOptions, commission } from "../operations/commission.js";
import { type Flashed, flash } from "../operations/flash.js";
import { labelSvg } from "../operations/label.js";
import { provision } from "../operations/provision.js";
import { type Wire, WireError } from "../wire.js";
import { signatureChecker as checker } from "./checker.js";
import { button, click } from "./dom.js";
import type { Plan } from "./prepare.js";
import type { Receipts } from "./receipts.js";
import type { Stages } from "./stages.js";
import type { Trouble } from "./troubles.js";
import type { WifiForm } from "./wifi.js";
import type { Work } from "./work.js";

export interface CommissioningInit {
  readonly stages: Stages;
  readonly work: Work;
  readonly wifi: WifiForm;
  readonly receipts: Receipts;
  /** Asks the person for a port. `again`: that of the last time will do, where it is still there. */
  connect(again: boolean): Promise<Wire>;
  /** Says what went wrong, and lets the person choose. `canSkip`: the board may go on without this. */
  failed(trouble: Trouble, reason: string, canSkip?: boolean): Promise<Choice>;
  /** Resolves when the person gave the page other files. */
  news(): Promise<void>;
}

export type Choice = "retry" | "other" | "skip";

/** The person takes another board: nothing more is to be said of this one. */
class PutAside extends Error {}

/** While the board is waited for, too. */
const AT_WIFI = { type: "step", step: "provision" } as const;
const now = () => Date.now();
const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));

/** One board after the other: flash, verify, provision, prove, receipt. The steps are those of the command line. */
export class Commissioning {
  readonly #init: CommissioningInit;
  #wire: Wire | undefined;
  #isStopped = false;

  constructor(init: CommissioningInit) {
    this.#init = init;
    button("stop").addEventListener("click", () => {
      this.#isStopped = true;
      void this.#wire?.close();
    });
  }

  /** Until the board has its receipt, or the person takes another; "change" where the person wants another plan before a board. */
  async board(plan: Plan, names: BoardNames | undefined): Promise<"done" | "change"> {
    const { stages, work } = this.#init;
    stages.at("connect");
    stages.show("connect");
    const isMeant = await Promise.race([
      click(button("connect-button")).then(() => true),
      click(button("change")).then(() => false),
      this.#init.news().then(() => false),
    ]);
    if (!isMeant) return "change";
    let flashed: Flashed | undefined;
    let downgrade = false;
    const { bundle } = plan;
    const firmware =
      bundle &&
      async function* (wire: Wire): Operation<Flashed> {
        flashed ??= yield* flash(wire, bundle, { downgrade });
        yield AT_WIFI;
        return flashed;
      };
    for (let again = false; ; again = true) {
      this.#isStopped = false;
      work.clear();
      if (bundle === undefined) work.event(AT_WIFI);
      try {
        this.#wire = await this.#init.connect(again);
        await this.#commission(this.#wire, plan, firmware, names);
        return "done";
      } catch (error) {
        const trouble = this.#isStopped ? "stopped" : troubleOf(error);
        // Who plugs in again may plug in another board.
        if (trouble === "cable-pulled") flashed = undefined;
        const reason = error instanceof Error ? error.message : String(error);
        if (error instanceof PutAside) return "done";
        const choice = await this.#init.failed(trouble, reason, trouble === "downgrade");
        if (choice === "other") return "done";
        downgrade = choice === "skip";
      } finally {
        await this.#wire?.close();
      }
    }
  }

  /** Has it all done, and shows the receipt. `firmware`: writes that, where it is not there. */
  async #commission(
    wire: Wire,
    plan: Plan,
    firmware: CommissionOptions["flash"],
    names: BoardNames | undefined,
  ): Promise<void> {
    const { name: site, network, ranges } = plan.site;
    const { receipts } = this.#init;
    const { nameFor, keep, giveBack } = lend(names);
    try {
      const {
        receipt,
        reading,
        brokersTakeIt: isTaken,
      } = await this.#run(
        commission(wire, {
          network,
          site,
          checker,
          random,
          now,
          ranges,
          ownerKey: plan.owner,
          flash: firmware,
          manifestSha256: firmware && plan.bundle?.manifestSha256,
          nameFor:
            nameFor &&
            (async (ids) => {
              const place = await nameFor(ids);
              this.#init.work.event(AT_WIFI);
              return place;
            }),
          provision: (client, place) => this.#provision(client, plan, place),
          brokers: (client) => this.#brokersTake(client),
        }),
      );
      const label = await labelSvg(receipt);
      await wire.close(); // the cable may be pulled while the receipt is read
      const filed = await receipts.file(receipt, plan.isServed);
      keep();
      const owner = plan.owner && didOfKey(plan.owner);
      await receipts.show({ receipt, readings: reading.readings, label, owner, isTaken }, filed);
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** Asks for the Wi-Fi until the board is in. */
  async *#provision(client: BoardClient, plan: Plan, place: BoardPlace | undefined): Operation<void> {
    const { site, owner } = plan;
    const known = { checker, random, owner, ...(place && { name: place.name }) };
    const { wifi, work } = this.#init;
    const { settings } = site;
    let networks: FoundNetwork[] | undefined;
    let isRefused = false;
    for (;;) {
      if (networks === undefined) work.says("wifiScanning");
      networks ??= await asked("provision", "no-firmware", () => client.scan());
      const choice = await wifi.ask(networks, site.ssid, isRefused);
      yield { type: "step", step: "provision" };
      isRefused = false;
      if (choice === "rescan") {
        networks = undefined;
        continue;
      }
      try {
        yield* provision(client, { wifi: choice, settings, now, ...known });
        wifi.worked();
        return;
      } catch (error) {
        isRefused = error instanceof OperationError && error.code === "wifi-refused";
        if (!isRefused) throw error;
      }
    }
  }

  /** Whether the board's brokers take it; false where the person goes on without. Throws PutAside. */
  async *#brokersTake(client: BoardClient): Operation<boolean> {
    for (let again = false; ; again = true) {
      try {
        return yield* checkBrokers(client, { offline: "fails", ...(again && { again: now }) });
      } catch (error) {
        if (!(error instanceof OperationError) || error.code !== "no-broker") throw error;
        const choice = await this.#init.failed(error.code, error.message, true);
        if (choice === "other") throw new PutAside();
        if (choice === "skip") return false;
      }
    }
  }

  /** Shows the events of an operation; returns what comes of it. */
  async #run<T>(operation: Operation<T>): Promise<T> {
    for (;;) {
      const { value, done } = await operation.next();
      if (done) return value;
      this.#init.work.event(value);
    }
  }
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof OperationError) return error.code;
  if (error instanceof WireError) return error.code === "busy" ? "port-busy" : "cable-pulled";
  // What Web Serial says where nothing was picked.
  return error instanceof DOMException && error.name === "NotFoundError" ? "no-port" : "internal";
}
