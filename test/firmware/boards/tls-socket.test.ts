import { beforeEach, describe, expect, test } from "@jest/globals";
import { loadFirmware } from "./board.js";

const record = (type: number, ...content: number[]) => [
  type,
  3,
  3,
  content.length >> 8,
  content.length & 0xff,
  ...content,
];
const message = (type: number, ...body: number[]) => [type, 0, body.length >> 8, body.length & 0xff, ...body];

const CLIENT_HELLO = record(22, ...message(1, 9));
const CLIENT_FLIGHT = record(22, ...message(16, 9));
/** ServerHello, Certificate, ServerHelloDone. */
const SERVER_FLIGHT = record(22, ...message(2, 1), ...message(11, 1), ...message(14));
const CHANGE_CIPHER_SPEC = record(20, 1);
/** As long as what is sealed is at the least; its first bytes are what it holds. */
const sealed = (type: number, ...content: number[]) =>
  record(type, ...content, ...new Array(Math.max(0, 24 - content.length)).fill(0));
const FINISHED = sealed(22, 20);
const HANDSHAKE = [...SERVER_FLIGHT, ...CHANGE_CIPHER_SPEC, ...FINISHED];
/** The fake's way to say how long the content is: its first byte. */
const data = (...content: number[]) => sealed(23, content.length, ...content);
/** Header, IV, SHA-256, padding. */
const OVERHEAD = 69;

interface SocketOptions {
  readonly address: string;
  readonly port: number;
  readonly onReadable: (count: number) => void;
  readonly onWritable: (count: number) => void;
  readonly onError: (reason?: string) => void;
}

interface Socket {
  format: string;
  read(count?: number): number | ArrayBuffer | undefined;
  write(data: Uint8Array, options?: object): number;
  close(): void;
}

class Tcp {
  static last: Tcp;
  readonly sent: number[][] = [];
  room = 1000;
  closings = 0;
  readonly #options: SocketOptions;
  readonly #bytes: number[] = [];

  constructor(options: SocketOptions) {
    this.#options = options;
    Tcp.last = this;
  }

  connect(): void {
    this.#options.onWritable(this.room);
  }

  /** In pieces of so many bytes. */
  deliver(bytes: readonly number[], piece = bytes.length): void {
    for (let at = 0; at < bytes.length && this.closings === 0; at += piece) {
      this.#bytes.push(...bytes.slice(at, at + piece));
      this.#options.onReadable(this.#bytes.length);
    }
  }

  break(): void {
    this.#options.onError();
  }

  read(into: Uint8Array): void {
    if (this.closings > 0 || into.length > this.#bytes.length) throw new Error("no such bytes");
    into.set(this.#bytes.splice(0, into.length));
  }

  write(bytes: Uint8Array): number {
    if (this.closings > 0) throw new Error("closed");
    this.sent.push([...bytes]);
    return this.room;
  }

  close(): void {
    this.closings++;
  }
}

/** The SDK's session (modules/crypt/ssl/session_419.js) as a socket sees it, without any cryptography. */
class Session {
  static last: Session;
  /** Where it agrees to nothing it says that the handshake is done all the same. */
  static agrees = true;
  alert: { level: number; description: number } | undefined;
  masterSecret: object | undefined;
  clientCipher: object | null = null;
  serverCipher: object | null = null;
  applicationData: (Uint8Array & { position?: number; end?: number }) | undefined;
  certificateManager: object | undefined;
  readonly serverName: string;
  #step = 0;

  constructor({ serverName }: { serverName: string }) {
    this.serverName = serverName;
    Session.last = this;
  }

  initiateHandshake(): void {}

  handshake(carrier: { write(bytes: Uint8Array): number }): boolean {
    if (this.#step === 0) carrier.write(Uint8Array.from(CLIENT_HELLO));
    if (this.#step === 1 && !Session.agrees) return true;
    if (this.#step === 1) {
      carrier.write(Uint8Array.from(CLIENT_FLIGHT));
      this.masterSecret = {};
      this.clientCipher = {};
    }
    return this.#step === 3;
  }

  write(
    carrier: { writable: number; write(bytes: Uint8Array): number },
    bytes: Uint8Array,
    options?: { more?: boolean },
  ) {
    if (options?.more !== true) carrier.writable = carrier.write(bytes);
  }

  unpacketize(bytes: Uint8Array): void {
    const [type, , , , , ...content] = bytes;
    if (type === 21) this.alert = { level: content[0] as number, description: content[1] as number };
    if (type === 22) this.#step = this.serverCipher === null ? 1 : 3;
    if (type === 20) {
      this.#step = 2;
      this.serverCipher = {};
    }
    if (type !== 23) return;
    if (content[0] === 0xee) throw new Error("bad MAC");
    const found: Uint8Array & { position?: number; end?: number } = bytes.slice();
    found.position = 6;
    found.end = 6 + (content[0] as number);
    this.applicationData = found;
  }
}

let timers = new Map<number, () => void>();
let seeds: number[][] = [];
const Timer = {
  set(call: () => void) {
    timers.set(timers.size + 1, call);
    return timers.size;
  },
  clear: (id: number) => void timers.delete(id),
};

function passTime(): void {
  const due = [...timers.values()];
  timers = new Map();
  for (const call of due) call();
}

const { TlsSocket } = loadFirmware<{
  TlsSocket: new (options: SocketOptions & { host: string }, certificate: Uint8Array) => Socket;
}>("ports/tls/tls-socket.ts", {
  "embedded:io/socket/tcp": { default: Tcp },
  rng: { default: { init: (seed: ArrayBuffer) => seeds.push([...new Uint8Array(seed)]) } },
  "ssl/cert": { default: class {} },
  "ssl/record": {
    default: { unpacketize: (session: Session, bytes: Uint8Array) => session.unpacketize(bytes) },
  },
  "ssl/session": { default: Session },
  x509: { default: {} },
  timer: { default: Timer },
  [require.resolve("../../../firmware/ports/native.ts")]: { random: (bytes: Uint8Array) => bytes.fill(7) },
});

/** A socket whose owner writes down what it is told. */
function open() {
  const told: string[] = [];
  let onData: (() => void) | undefined;
  const socket = new TlsSocket(
    {
      host: "broker.example",
      address: "192.0.2.1",
      port: 8883,
      onReadable(count) {
        told.push(`readable ${count}`);
        onData?.();
      },
      onWritable: (count) => told.push(`writable ${count}`),
      onError: (reason) => told.push(`error ${reason}`),
    },
    Uint8Array.of(0x30),
  );
  const tcp = Tcp.last;
  tcp.connect();
  return {
    socket,
    tcp,
    told,
    whenReadable(call: () => void) {
      onData = call;
    },
  };
}

/** And the handshake is over. */
function ready() {
  const opened = open();
  opened.tcp.deliver(HANDSHAKE);
  opened.told.length = 0;
  return opened;
}

const bytesOf = (found: number | ArrayBuffer | undefined) => [...new Uint8Array(found as ArrayBuffer)];

beforeEach(() => {
  Session.agrees = true;
  timers = new Map();
  seeds = [];
});

describe("a good session", () => {
  test.each([HANDSHAKE.length, 7, 1])(
    "shakes hands, in pieces of %i bytes, then says that it is writable",
    (piece) => {
      const { tcp, told } = open();
      expect([tcp.sent, told]).toEqual([[CLIENT_HELLO], []]);
      tcp.deliver(HANDSHAKE, piece);
      expect(tcp.sent).toEqual([CLIENT_HELLO, CLIENT_FLIGHT]);
      expect(told).toEqual([`writable ${1000 - OVERHEAD}`]);
      expect(Session.last.serverName).toBe("broker.example");
      expect(seeds).toEqual([new Array(32).fill(7)]);
    },
  );

  test("gives what comes, byte by byte or at once, one record after the other", () => {
    const { socket, tcp, told } = ready();
    tcp.deliver([...data(1, 2, 3), ...data(4, 5)]);
    expect(told).toEqual(["readable 3"]);
    socket.format = "number";
    expect(socket.read()).toBe(1);
    socket.format = "buffer";
    expect(bytesOf(socket.read(2))).toEqual([2, 3]);
    expect([socket.read(), told.length]).toEqual([undefined, 1]); // the next comes later, not from inside of a read
    passTime();
    expect(told).toEqual(["readable 3", "readable 2"]);
    expect(bytesOf(socket.read())).toEqual([4, 5]);
  });

  test("a record without data is passed over", () => {
    const { tcp, told } = ready();
    tcp.deliver([...data(), ...data(8)]);
    expect(told).toEqual(["readable 1"]);
  });

  test("more bytes than there are is an error of the reader's, and takes none", () => {
    const { socket, tcp } = ready();
    tcp.deliver(data(1, 2));
    expect(() => socket.read(3)).toThrow(/^count: 3/);
    expect(() => socket.read(-1)).toThrow(/^count: -1/);
    expect(bytesOf(socket.read(2))).toEqual([1, 2]);
  });

  test("says how many bytes may be written, with those that wait for the last of a write", () => {
    const { socket, tcp } = ready();
    tcp.room = 500;
    const sent = tcp.sent.length;
    expect(socket.write(new Uint8Array(10), { more: true, byteLength: 30 })).toBe(1000 - 10 - OVERHEAD);
    expect(tcp.sent).toHaveLength(sent);
    expect(socket.write(new Uint8Array(20))).toBe(500 - OVERHEAD);
    tcp.room = 10;
    expect(socket.write(new Uint8Array(1))).toBe(0);
  });
});

describe("a session that ends", () => {
  test.each<[string, number[], string]>([
    ["bytes that are no record", [0x42, 0x42, 0x42, 0x42, 0x42], "bytes that are no record"],
    ["a record in the open", record(23, 1), "too short"],
    ["a record that was changed", data(...new Array(0xee).fill(0)), "bad MAC"],
    ["a record longer than TLS has them", [23, 3, 3, 0xff, 0xff], "a record of 65535 bytes"],
    ["another handshake", sealed(22, 0), "type 22 out of order"],
    ["a fatal alert", sealed(21, 2, 20), "alert 20"],
    ["the broker's farewell", sealed(21, 1, 0), "alert 0"],
  ])("after the handshake, by %s: told once, and nothing is thrown", (_, bytes, reason) => {
    const { socket, tcp, told } = ready();
    expect(() => tcp.deliver([...bytes, ...data(1)])).not.toThrow();
    expect(told).toEqual([expect.stringMatching(new RegExp(`^error TLS: .*${reason}`))]);
    expect(tcp.closings).toBe(1);
    passTime();
    socket.close();
    expect([told.length, tcp.closings]).toEqual([1, 1]);
    expect(() => socket.write(Uint8Array.of(1))).toThrow("not open");
  });

  test("garbage behind good data: the data first, then the end", () => {
    const { socket, tcp, told } = ready();
    tcp.deliver([...data(1, 2), 0x42, 0x42, 0x42, 0x42, 0x42]);
    expect(told).toEqual(["readable 2"]);
    socket.read();
    passTime();
    expect(told[1]).toContain("bytes that are no record");
  });

  test.each<[string, number[], string]>([
    ["an alert", record(21, 2, 40), "alert 40"],
    ["data before its end", data(1), "type 23 out of order"],
    ["keys before a secret", CHANGE_CIPHER_SPEC, "change of cipher out of order"],
    ["noise", [0, 1, 2, 3, 4, 5], "bytes that are no record"],
  ])("in the handshake, by %s", (_, bytes, reason) => {
    const { socket, tcp, told } = open();
    expect(() => tcp.deliver(bytes)).not.toThrow();
    expect(told).toEqual([expect.stringContaining(reason)]);
    expect(tcp.closings).toBe(1);
    expect(() => socket.write(Uint8Array.of(1))).toThrow("not open");
  });

  test("where the SDK says that it is done, without a cipher", () => {
    Session.agrees = false;
    const { tcp, told } = open();
    tcp.deliver(SERVER_FLIGHT);
    expect([told, tcp.closings]).toEqual([["error TLS: Error: the host did not agree to TLS 1.2"], 1]);
  });

  test("where the connection breaks", () => {
    const { tcp, told } = ready();
    tcp.break();
    expect([told, tcp.closings]).toEqual([["error TLS: the connection broke"], 1]);
  });

  test("where its owner throws", () => {
    const { tcp, told, whenReadable } = ready();
    whenReadable(() => {
      throw new Error("no room");
    });
    expect(() => tcp.deliver(data(1))).not.toThrow();
    expect(told).toEqual(["readable 1", "error TLS: Error: no room"]);
  });

  test.each<[string, (socket: Socket, tcp: Tcp) => void]>([
    ["before the handshake", () => {}],
    ["with a record on its way", (_, tcp) => tcp.deliver(SERVER_FLIGHT.slice(0, 9))],
    [
      "with data that is read and more to come",
      (socket, tcp) => {
        tcp.deliver([...HANDSHAKE, ...data(1), ...data(2)]);
        socket.read();
      },
    ],
  ])("when it is closed, %s: nothing is told any more", (_, act) => {
    const { socket, tcp, told } = open();
    act(socket, tcp);
    told.length = 0;
    socket.close();
    socket.close();
    passTime();
    tcp.connect();
    tcp.break();
    expect([told, tcp.closings, socket.read()]).toEqual([[], 1, undefined]);
  });

  test("when it is closed from inside of onReadable: the next record is not looked at", () => {
    const { socket, tcp, told, whenReadable } = ready();
    whenReadable(() => {
      socket.read();
      socket.close();
    });
    tcp.deliver([...data(1), ...data(2)]);
    passTime();
    expect([told, tcp.closings]).toEqual([["readable 1"], 1]);
  });
});
