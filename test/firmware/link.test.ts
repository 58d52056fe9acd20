import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll } from "@jest/globals";
import { connectAsync } from "mqtt";
import type { Link, LinkHandler } from "../../agent/ports/link.js";
import { describeLink } from "../conformance/link.js";
import { temporaryFolder } from "../support/cli.js";
import { startMosquitto } from "../support/mosquitto.js";
import type { LinkCommand } from "./conformance/link-command.js";
import { BUILD_TIMEOUT, buildFirmware, type ConsoleEvent, Device, describeWithSdk } from "./sdk.js";

/** Links in a firmware of their own: each call is a line of a file, each answer one of its console. */
class RemoteDevice {
  readonly device: Device;
  readonly #home = temporaryFolder();
  readonly #handlers: LinkHandler[] = [];
  /** Closings of each link that the firmware has not come to. */
  readonly #closing: number[] = [];
  #links = 0;
  #told = 0;

  constructor(port: number) {
    writeFileSync(join(this.#home, "links.json"), JSON.stringify({ port }));
    this.device = new Device("conformance", this.#home);
  }

  link(): Link {
    const link = this.#links++;
    this.#closing.push(0);
    const { name } = this.device.events.find(({ type }) => type === "ready") as ConsoleEvent;
    return {
      name: name as string,
      open: (handler) => {
        const open = this.#handlers.push(this.#unlessClosing(link, handler)) - 1;
        this.#tell({ link, type: "open", open });
      },
      publish: (id, topic, bytes) => {
        const payload = Buffer.from(bytes).toString("hex");
        this.#tell({ link, type: "publish", id, topic, payload });
      },
      close: () => {
        this.#closing[link] = (this.#closing[link] as number) + 1;
        this.#tell({ link, type: "close" });
      },
    };
  }

  /** What the firmware says before it comes to a closing that was asked for is no fault of its link. */
  #unlessClosing(link: number, handler: LinkHandler): LinkHandler {
    const isHeard = () => this.#closing[link] === 0;
    return {
      opened: () => isHeard() && handler.opened(),
      acknowledged: (id) => isHeard() && handler.acknowledged(id),
      refused: (id, reason) => isHeard() && handler.refused(id, reason),
      closed: (reason) => isHeard() && handler.closed(reason),
    };
  }

  /** Hands on what the firmware has said since. */
  pump(): void {
    for (const event of this.device.events.slice(this.#told)) {
      this.#told++;
      if (event.type !== "link") continue;
      if (event.what === "close-done") {
        this.#closing[event.link as number] = (this.#closing[event.link as number] as number) - 1;
        continue;
      }
      const handler = this.#handlers[event.open as number] as LinkHandler;
      if (event.what === "opened") handler.opened();
      if (event.what === "acknowledged") handler.acknowledged(event.id as number);
      if (event.what === "refused") handler.refused(event.id as number, event.reason as string);
      if (event.what === "closed") handler.closed(event.reason as string);
    }
  }

  #tell(command: LinkCommand): void {
    appendFileSync(join(this.#home, "commands.jsonl"), `${JSON.stringify(command)}\n`);
  }
}

describeWithSdk("a link of the SDK's client", () => {
  beforeAll(() => buildFirmware("conformance"), BUILD_TIMEOUT);

  describeLink("the SDK's client, MQTT 3.1.1", async () => {
    const broker = await startMosquitto();
    const got: { topic: string; payload: Uint8Array }[] = [];
    const listen = async () => {
      const client = await connectAsync(broker.url, { reconnectPeriod: 0 });
      client.on("error", () => {}); // it is killed with the broker
      client.on("message", (topic, payload) => got.push({ topic, payload }));
      await client.subscribeAsync("fieldmark/#", { qos: 1 });
      return client;
    };
    let listener = await listen();
    const remote = new RemoteDevice(broker.port);
    await remote.device.event("ready");
    const until = async (isSo: () => boolean) => {
      for (remote.pump(); !isSo(); remote.pump()) await sleep(5);
    };
    return {
      link: () => remote.link(),
      got,
      kill: () => broker.kill(),
      async restart() {
        await broker.restart();
        listener = await listen();
      },
      until,
      async pass() {
        await sleep(500);
        remote.pump();
      },
      async close() {
        await remote.device.kill("SIGKILL");
        listener.end(true);
        await broker.stop();
      },
    };
  });
});
