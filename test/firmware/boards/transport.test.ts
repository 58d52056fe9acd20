import { beforeEach, describe, expect, test } from "@jest/globals";
import { loadFirmware } from "./board.js";

interface Options {
  readonly address: string;
  readonly host: string;
  readonly port: number;
  readonly certificate?: Uint8Array;
  readonly onReadable: (count: number) => void;
  readonly onWritable: (count: number) => void;
  readonly onError: () => void;
}

interface Transport {
  openSocket(options: Options): object;
  resolve(options: {
    host: string;
    onResolved: (host: string, address: string) => void;
    onError: () => void;
  }): void;
}

class TCP {
  static last: Options & { nodelay?: boolean };

  constructor(options: Options) {
    TCP.last = options;
  }
}

/** The SDK's session as far as a transport makes one. */
class Session {
  static names: string[] = [];
  certificateManager: object | undefined;

  constructor({ serverName }: { serverName: string }) {
    Session.names.push(serverName);
  }

  initiateHandshake(): void {}
}

/** The SDK's UDP, whose callbacks nobody guards. */
class UDP {
  static last: { target: object; onReadable: (count: number) => void };

  constructor(options: { target: object; onReadable: (count: number) => void }) {
    UDP.last = options;
  }
}

class Resolver {
  static servers: readonly string[] = [];

  constructor({
    servers,
    socket,
  }: { servers: readonly string[]; socket: { io: new (options: object) => object } }) {
    Resolver.servers = servers;
    const onReadable = () => {
      throw new Error("a damaged answer");
    };
    new socket.io({ target: this, onReadable });
  }

  resolve({ host, onResolved }: { host: string; onResolved: (host: string, address: string) => void }): void {
    // The SDK's gives "127.0.0.1" as the name of "localhost".
    onResolved(host === "localhost" ? "127.0.0.1" : host, "192.0.2.1");
  }
}

let later: (() => void)[] = [];
const Net = {
  resolve(host: string, callback: (host: string, address?: string) => void) {
    if (host === "full.example") throw new Error("queue full");
    callback(host, host === "nowhere.example" ? undefined : "198.51.100.7");
  },
};

const { BoardTransport } = loadFirmware<{
  BoardTransport: new (servers: readonly string[]) => Transport;
}>("esp32/transport.ts", {
  "embedded:io/socket/tcp": { default: TCP },
  "embedded:io/socket/udp": { default: UDP },
  "embedded:network/dns/resolver/udp": { default: Resolver },
  net: { default: Net },
  rng: { default: { init: () => {} } },
  "ssl/cert": { default: class {} },
  "ssl/record": { default: {} },
  "ssl/session": { default: Session },
  x509: { default: {} },
  timer: { default: { set: (callback: () => void) => later.push(callback) } },
});

const options = (host: string, port = 8883): Options => ({
  address: "192.0.2.1",
  host,
  port,
  onReadable: () => {},
  onWritable: () => {},
  onError: () => {},
});

beforeEach(() => {
  Object.assign(globalThis, { native: () => ({ call: () => {} }) });
  later = [];
  Session.names = [];
});

describe("sockets", () => {
  const transport = new BoardTransport([]);

  test("a broker without a certificate is reached by plain TCP", () => {
    expect(transport.openSocket(options("plain.example", 1883))).toBeInstanceOf(TCP);
    expect(TCP.last).toMatchObject({ host: "plain.example", port: 1883, nodelay: true });
    expect(Session.names).toEqual([]);
  });

  test("a broker with one by TLS", () => {
    expect(
      transport.openSocket({ ...options("secure.example"), certificate: Uint8Array.of(0x30) }),
    ).not.toBeInstanceOf(TCP);
    expect(TCP.last).toMatchObject({ address: "192.0.2.1", port: 8883, nodelay: true });
    expect(Session.names).toEqual(["secure.example"]);
  });
});

describe("names", () => {
  const resolve = (transport: Transport, host: string) => {
    const answers: string[] = [];
    const onResolved = (name: string, address: string) => answers.push(`${name} ${address}`);
    transport.resolve({ host, onResolved, onError: () => answers.push("error") });
    return answers;
  };

  test("are asked of the servers in the configuration", () => {
    expect(resolve(new BoardTransport(["9.9.9.9"]), "a.example")).toEqual(["a.example 192.0.2.1"]);
    expect(Resolver.servers).toEqual(["9.9.9.9"]);
  });

  test("a host keeps the name by which it is pinned", () => {
    expect(resolve(new BoardTransport(["9.9.9.9"]), "localhost")).toEqual(["localhost 192.0.2.1"]);
  });

  test.each([
    ["a.example", "a.example 198.51.100.7"],
    ["nowhere.example", "error"],
    ["full.example", "error"],
  ])("are else asked of the network's, and answered later: %s", (host, answer) => {
    const answers = resolve(new BoardTransport([]), host);
    expect(answers).toEqual([]);
    for (const call of later) call();
    expect(answers).toEqual([answer]);
  });

  test("an answer that the SDK cannot read ends nothing", () => {
    resolve(new BoardTransport(["9.9.9.9"]), "a.example");
    expect(() => UDP.last.onReadable(1)).not.toThrow();
  });
});
