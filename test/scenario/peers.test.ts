import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { jsonLines, type Running, run, start, temporaryFolder } from "../support/cli.js";
import { freePort } from "../support/mosquitto.js";

const NAMES = ["a.example/log", "b.example/log", "c.example/log"];

interface State {
  readonly entries: number;
  readonly peers: readonly { name: string; size: number | null; state: string; cosigned: number | null }[];
}

/** One witness, as its operator has it: a folder, and a process that is started and stopped. */
class Witness {
  readonly folder = temporaryFolder();
  readonly config = join(this.folder, "witness.toml");
  url = "";
  running: Running | undefined;

  constructor(readonly name: string) {}

  /** Returns the line for its peers. */
  async init(): Promise<string> {
    const args = ["--folder", this.folder, "--network", "demo", "--name", this.name];
    // Nobody is there: this is about logs, and a log grows by an inventory an epoch without frames, too.
    await run(["witness", "init", ...args, "--broker", "mqtt://127.0.0.1:1"]);
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.change("port = 8788", `port = ${port}`);
    // Long enough for both cosignatures to come, on a busy machine, too, before the log grows again.
    this.change('epoch = "1h"', 'epoch = "3s"');
    this.change('watch = "60s"', 'watch = "1s"');
    writeFileSync(join(this.folder, "registry.json"), JSON.stringify({ network: "demo", devices: [] }));
    const { stdout } = await run(["witness", "keys", "--config", this.config, "--url", this.url]);
    return stdout;
  }

  change(text: string, to: string): void {
    const config = readFileSync(this.config, "utf8");
    expect(config).toContain(text);
    writeFileSync(this.config, config.replace(text, to));
  }

  async start(): Promise<void> {
    this.running = start(["witness", "--config", this.config]);
    await this.running.said("its HTTP is at");
  }

  async stop(): Promise<string> {
    this.running?.process.kill("SIGTERM");
    const { code, stderr } = await this.running!.finished;
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    return stderr;
  }

  async state(): Promise<State> {
    return (await (await fetch(`${this.url}/v1/state`)).json()) as State;
  }

  /** Waits until its state is as wanted. */
  async comes(wanted: (state: State) => boolean): Promise<State> {
    for (;;) {
      const state = await this.state();
      if (wanted(state)) return state;
      await sleep(100);
    }
  }

  /** Its checkpoint, once it has signatures by itself and so many cosigners. */
  async cosignedBy(count: number): Promise<string> {
    for (;;) {
      const note = await (await fetch(`${this.url}/log/checkpoint`)).text();
      if (note.match(/^— /gm)?.length === count + 1) return note;
      await sleep(20);
    }
  }
}

const isFollowed = ({ peers }: State) =>
  peers.length === 2 && peers.every(({ state, cosigned }) => state === "up" && cosigned !== null);

test("three witnesses cosign each other, refuse an old copy of a log, and find the fork that it becomes", async () => {
  const witnesses = NAMES.map((name) => new Witness(name)) as [Witness, Witness, Witness];
  const [a, b, c] = witnesses;
  const lines = await Promise.all(witnesses.map((witness) => witness.init()));
  for (const [at, witness] of witnesses.entries()) {
    const others = lines.filter((_, other) => other !== at).join("");
    witness.change("peers = [\n", `peers = [\n${others}`);
  }
  // So that they sign an inventory of each epoch at once, and not after the first whole one.
  for (const { folder } of witnesses) cpSync(guard(), join(folder, "data/guard.json"));

  await Promise.all(witnesses.map((witness) => witness.start()));
  for (const witness of witnesses) {
    await witness.comes(isFollowed);
    const note = await witness.cosignedBy(2);
    expect([...note.matchAll(/^— (\S+)/gm)].map(([, name]) => name).sort()).toEqual(NAMES);
  }

  const shown = await run(["witness", "peers", "--witness", a.url]);
  expect([shown.code, shown.stderr]).toEqual([0, ""]);
  for (const { name } of [b, c]) expect(shown.stdout).toContain(`${name}  up  `);

  // A copy is made, and the log goes on; its peers cosign what comes.
  await a.stop();
  const copy = join(temporaryFolder(), "copy");
  cpSync(a.folder, copy, { recursive: true });
  await a.start();
  const before = (await a.state()).entries;
  const { entries } = await a.comes(({ peers }) => peers.every(({ cosigned }) => (cosigned ?? 0) > before));
  await a.stop();

  const restore = () => {
    rmSync(a.folder, { recursive: true });
    cpSync(copy, a.folder, { recursive: true });
  };
  restore();
  const refused = await run(["witness", "--config", a.config]);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("its files are older ones");
  expect(refused.stderr).toContain("Put back the newest copy");

  // Nobody tells it, and it goes on from there.
  await b.stop();
  await c.stop();
  restore();
  await a.start();
  await a.comes((state) => state.entries > entries);
  expect((await a.state()).peers.map(({ state }) => state)).toEqual(["down", "down"]);

  await Promise.all([b.start(), c.start()]);
  for (const witness of [b, c]) {
    const { peers } = await witness.comes((state) => state.peers.some(({ state }) => state === "fork"));
    expect(peers.map(({ name, state }) => [name, state === "fork"])).toContainEqual([a.name, true]);
    expect(await (await fetch(`${witness.url}/metrics`)).text()).toContain(
      `fieldmark_peer_fork{peer="${a.name}"} 1`,
    );
    const told = await run(["witness", "peers", "--json", "--witness", witness.url]);
    expect([told.code, told.stderr]).toEqual([1, expect.stringContaining(a.name)]);
    expect(JSON.parse(told.stdout)).toContainEqual(expect.objectContaining({ name: a.name, state: "fork" }));
    const folder = join(witness.folder, "data/evidence");
    const [file, ...more] = readdirSync(folder);
    expect(more).toEqual([]);
    const verified = await run(["verify", "--evidence", join(folder, file as string)]);
    expect([verified.code, verified.stdout]).toEqual([0, expect.stringContaining(`log ${a.name} is forked`)]);
    const [json] = jsonLines(
      (await run(["verify", "--json", "--evidence", join(folder, file as string)])).stdout,
    );
    expect(json).toMatchObject({ ok: true, log: a.name });
    const said = await witness.stop();
    expect(said.split(`peer ${a.name} IS FORKED`)).toHaveLength(2);
  }
  expect(await a.stop()).toContain("started without knowing whether its files are old ones");
});

/** A guard's file that remembers a statement of long ago. */
function guard(): string {
  const file = join(temporaryFolder(), "guard.json");
  writeFileSync(file, JSON.stringify({ inventory: 0 }));
  return file;
}
