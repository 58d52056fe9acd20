import { CborError } from "../../agent/cbor/error.js";
import { signerOf } from "../../agent/cose/sign1.js";
import { InputError } from "../../agent/input-error.js";
import type { Random } from "../../agent/ports/random.js";
import type { SerialHandler } from "../../agent/ports/serial.js";
import { COMMAND_TYPE, readCommand, writeCommand } from "../../agent/provision/command.js";
import { PacketReader, PacketWriter, resultStrings } from "../../agent/provision/improv.js";
import { Orders } from "../../agent/provision/orders.js";
import { OUTCOME_TYPE, writeOutcome } from "../../agent/provision/outcome.js";
import { ownershipOf, setOwner } from "../../agent/provision/owner.js";
import { readOutcome } from "../../agent/provision/read-outcome.js";
import { readStatement } from "../../agent/provision/read-statement.js";
import { createProvisioning } from "../../agent/provision/server.js";
import { STATEMENT_TYPE, writeStatement } from "../../agent/provision/statement.js";
import { BOARD_NAMES } from "../../agent/settings/board-settings.js";
import { checkChosen } from "../../agent/settings/chosen.js";
import { parseSettings } from "../../agent/settings/settings.js";
import { createSigner, signatureChecker } from "../../node/ports/signer.js";
import { BoardClient } from "../../provision/board-client.js";
import { BoardError } from "../../provision/board-error.js";
import type { Wire } from "../../provision/wire.js";
import { below, hostileInput, mutated, type Prng, pick } from "../agent/frame/mutate.js";
import { PACKETS_OF_A_TOOL, QueueingHost, spoiltPacket } from "../agent/provision/hostile-tool.js";
import { RecordedHost } from "../agent/provision/recorded-host.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { hostileText, mutatedText, signedAgain, spoilt } from "./hostile.js";
import { refusable, refusableLater, type Target } from "./run.js";

const owner = createSigner(new Uint8Array(32).fill(3));
const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

const BODIES = [
  "",
  '{"readings": 8, "age": 60000}',
  '{"brokers":[{"host":"10.0.0.2","port":1883}],"sensors":[]}',
  '{"wifi":{"ssid":"field","password":"correct horse"},"sntp":"pool.ntp.org"}',
];

/** Settings as somebody gives them, in JSON or in what was JSON. */
function hostileSettings(random: Prng): string {
  const body = pick(random, BODIES);
  if (random() < 0.3) return body;
  if (random() < 0.5) return mutatedText(random, BODIES);
  return JSON.stringify(spoilt(random, JSON.parse(body || "{}"))) ?? "";
}

/** Settings, before a board or a tool takes them. */
export function settingsTarget(): Target {
  const { configuration } = new RecordedHost();
  return {
    name: "settings",
    share: 2,
    input(random) {
      const json = hostileSettings(random);
      const given = refusable(() => parseSettings("change.json", json, BOARD_NAMES), InputError);
      if (given !== undefined) refusable(() => checkChosen(given), InputError);
      refusable(() => configuration.change(json), InputError);
    },
  };
}

/** What boards draw: a run can be repeated. */
const SAME: Random = { fill: (into) => void into.fill(7) };

/** A board's command topic: whoever can publish there, the owner too. */
export function ordersTarget(): Target {
  const host = new RecordedHost();
  const clock = new VirtualClock();
  setOwner(host.store, owner.publicKey, SAME);
  const start = () =>
    new Orders({
      signer: { ...signerOfHost(host), verify: signatureChecker.verify },
      store: host.store,
      host,
      boot: 5,
      clock,
      publish(document, _retain, acknowledged) {
        refusable(() => readOutcome(document, signatureChecker));
        acknowledged();
        return 1;
      },
      restart: () => {
        isOver = true;
      },
      observe: () => {},
    });
  let isOver = false;
  let orders = start();
  let counter = 1;
  const order = (random: Prng) => {
    const verb = pick(random, ["settings", "restart", "reset"] as const);
    const body = hostileSettings(random).slice(0, 240);
    counter += random() < 0.9 ? 1 : -1;
    const ownership = random() < 0.9 ? ownershipOf(host.store) : new Uint8Array(8);
    const until = random() < 0.9 ? 2 ** 40 : 0;
    return writeCommand({ network: "demo", kid: host.kid, ownership, counter, until, verb, body }, owner);
  };
  return {
    name: "orders",
    share: 3,
    input(random) {
      const given = order(random);
      const bad = random() < 0.3 ? given : hostileInput(random, [given]);
      orders.received(random() < 0.6 ? signedAgain(bad, owner, ascii(COMMAND_TYPE)) : bad);
      clock.advance(random() < 0.7 ? 120 : 6000);
      host.calls.length = 0;
      if (isOver) {
        isOver = false;
        setOwner(host.store, owner.publicKey, SAME);
        orders = start();
      }
    },
  };
}

const signerOfHost = ({ signer }: RecordedHost) => ({
  publicKey: signer.publicKey,
  sha256: signer.sha256,
  sign: signer.sign,
});

/** Signed documents: orders, outcomes, statements. */
export function documentsTarget(): Target {
  const { identity, signer, kid } = new RecordedHost();
  const [ownership, nobody] = [new Uint8Array(8).fill(1), new Uint8Array(0)];
  const standing = { owner: ownership, ownership, last: 3 };
  const board = { network: "demo", publicKey: signer.publicKey, boot: 3 };
  const outcome = { ...board, ...standing, order: new Uint8Array(32) };
  const given = { ownership, counter: 7, until: 2 ** 40, verb: "settings" } as const;
  const corpus: readonly (readonly [string, Uint8Array])[] = [
    [
      STATEMENT_TYPE,
      writeStatement(
        identity,
        { owner: nobody, ownership: nobody, session: ownership },
        new Uint8Array(32).fill(9),
        signer,
      ),
    ],
    [OUTCOME_TYPE, writeOutcome({ ...outcome, outcome: "refused", reason: "no" }, signer)],
    [COMMAND_TYPE, writeCommand({ network: "demo", kid, ...given, body: BODIES[1] ?? "" }, signer)],
  ];
  const all = corpus.map(([, document]) => document);
  return {
    name: "documents",
    share: 3,
    input(random) {
      const [type, document] = pick(random, corpus);
      const bad = mutated(random, document, all);
      const given = random() < 0.6 ? signedAgain(bad, signer, ascii(type)) : bad;
      signerOf(type, given);
      refusable(() => readStatement(given, signatureChecker), CborError, InputError);
      refusable(() => readOutcome(given, signatureChecker), CborError, InputError);
      refusable(() => readCommand(given, signer.publicKey, signatureChecker), CborError, InputError);
    },
  };
}

/** A board's serial port, with anybody at the cable. */
export function improvTarget(): Target {
  const host = new QueueingHost();
  const clock = new VirtualClock();
  let handler: SerialHandler | undefined;
  const serial = {
    open(other: SerialHandler) {
      handler = other;
    },
    write() {},
    close() {
      handler = undefined;
    },
  };
  const { signer, store } = host;
  const server = createProvisioning({ serial, host, signer, store, clock, random: SAME });
  server.open(1e12);
  return {
    name: "improv",
    share: 6,
    input(random) {
      const packet = pick(random, PACKETS_OF_A_TOOL);
      handler?.received(spoiltPacket(packet, (count) => below(random, count)));
      for (const call of host.later.splice(0)) call();
      clock.advance(below(random, 60));
      host.calls.length = 0;
      if (!server.isOpen) throw new Error("the port is closed");
    },
  };
}

/** A tool's end of the cable, with anything at the other. */
export function clientTarget(): Target {
  const answers = [
    (writer: PacketWriter) => {
      writer.begin(1);
      writer.byte(4);
    },
    (writer: PacketWriter) => {
      writer.beginResult(3);
      for (const text of ["fieldmark", "0.1.0", "ESP32-C3", "roof"]) writer.text(text);
    },
    (writer: PacketWriter, random: Prng) => {
      writer.beginResult(4);
      for (const text of [hostileText(random).slice(0, 12), "-60", "YES"]) writer.text(text.slice(0, 12));
    },
    (writer: PacketWriter, random: Prng) => {
      writer.beginResult(0xf1);
      writer.bytes(Uint8Array.from({ length: 30 }, () => below(random, 256)));
    },
    (writer: PacketWriter, random: Prng) => {
      writer.begin(2);
      writer.byte(below(random, 256));
    },
  ];
  return {
    name: "client",
    share: 1,
    async input(random) {
      let told: (data: Uint8Array) => void = () => {};
      const packet = () => {
        const writer = new PacketWriter();
        pick(random, answers)(writer, random);
        const bytes = writer.finish().slice();
        return random() < 0.5 ? bytes : mutated(random, bytes, [bytes]);
      };
      const wire: Wire = {
        name: "wire",
        write: async () => queueMicrotask(() => told(packet())),
        receive(handler) {
          told = handler;
          return () => {
            told = () => {};
          };
        },
        setBaud: async () => {},
        close: async () => {},
        closed: new Promise(() => {}),
      };
      const client = new BoardClient(wire, { timeout: 1, tries: 1 });
      const asked = pick(random, ["info", "state", "scan", "journal", "reading", "hostname"] as const);
      const answered = refusableLater<unknown>(() => client[asked](), BoardError);
      for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
      client.close();
      await answered;
      const reader = new PacketReader({ packet: (_, data) => resultStrings(data), damaged: () => {} });
      reader.received(packet());
      reader.giveUp();
    },
  };
}
