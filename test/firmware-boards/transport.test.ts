import { beforeEach, describe, expect, test } from "@jest/globals";
import { loadFirmware } from "./board.js";

interface Options {
  readonly address: string;
  readonly host: string;
  readonly port: number;
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

/** The SDK's TLS over a socket of the class that it is given. Its callbacks throw where a peer sends what it must not. */
class TLSSocket {
  static certificate: number[] | undefined;

  constructor(
    options: Options & { secure: { certificate: ArrayBuffer }; TCP: { io: new (options: object) => object } },
  ) {
    TLSSocket.certificate = [...new Uint8Array(options.secure.certificate)];
    const { io: Socket } = options.TCP;
    const onError = () => {
      throw new Error("bad record");
    };
    new Socket({ ...options, onReadable: onError, onWritable: onError, onError });
  }
}

class Resolver {
  static servers: readonly string[] = [];

  constructor({ servers }: { servers: readonly string[] }) {
    Resolver.servers = servers;
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
  BoardTransport: new (servers: readonly string[], certificates: object) => Transport;
}>("esp32/transport.ts", {
  "embedded:io/socket/tcp": { default: TCP },
  "embedded:io/socket/tcp/tls": { default: TLSSocket },
  "embedded:io/socket/udp": { default: class {} },
  "embedded:network/dns/resolver/udp": { default: Resolver },
  net: { default: Net },
  timer: { default: { set: (callback: () => void) => later.push(callback) } },
});

const calls: string[] = [];
const options = (host: string): Options => ({
  address: "192.0.2.1",
  host,
  port: 8883,
  onReadable: (count) => calls.push(`readable ${count}`),
  onWritable: (count) => calls.push(`writable ${count}`),
  onError: () => calls.push("error"),
});

beforeEach(() => {
  Object.assign(globalThis, { trace: () => {} });
  calls.length = 0;
  later = [];
  TLSSocket.certificate = undefined;
  // XS has it; Node 20 has not.
  Object.assign(Uint8Array, { fromBase64: (text: string) => Uint8Array.from(Buffer.from(text, "base64")) });
});

describe("sockets", () => {
  const transport = new BoardTransport([], { "secure.example": "MIIB/w==" });

  test("a host without a certificate is reached by plain TCP", () => {
    expect(transport.openSocket(options("plain.example"))).toBeInstanceOf(TCP);
    expect(TLSSocket.certificate).toBeUndefined();
    expect(TCP.last).toMatchObject({ host: "plain.example", nodelay: true });
  });

  test("a host with one by TLS, pinned to it", () => {
    expect(transport.openSocket(options("secure.example"))).toBeInstanceOf(TLSSocket);
    expect(TLSSocket.certificate).toEqual([0x30, 0x82, 0x01, 0xff]);
    expect(TCP.last).toMatchObject({ address: "192.0.2.1", port: 8883, nodelay: true });
  });

  test.each(["onReadable", "onWritable", "onError"] as const)(
    "what TLS throws in %s ends the connection, not the machine",
    (callback) => {
      transport.openSocket(options("secure.example"));
      expect(() => TCP.last[callback](1)).not.toThrow();
      expect(calls).toEqual(["error"]);
    },
  );
});

describe("names", () => {
  const resolve = (transport: Transport, host: string) => {
    const answers: string[] = [];
    const onResolved = (name: string, address: string) => answers.push(`${name} ${address}`);
    transport.resolve({ host, onResolved, onError: () => answers.push("error") });
    return answers;
  };

  test("are asked of the servers in the configuration", () => {
    expect(resolve(new BoardTransport(["9.9.9.9"], {}), "a.example")).toEqual(["a.example 192.0.2.1"]);
    expect(Resolver.servers).toEqual(["9.9.9.9"]);
  });

  test("a host keeps the name by which it is pinned", () => {
    expect(resolve(new BoardTransport(["9.9.9.9"], {}), "localhost")).toEqual(["localhost 192.0.2.1"]);
  });

  test.each([
    ["a.example", "a.example 198.51.100.7"],
    ["nowhere.example", "error"],
    ["full.example", "error"],
  ])("are else asked of the network's, and answered later: %s", (host, answer) => {
    const answers = resolve(new BoardTransport([], {}), host);
    expect(answers).toEqual([]);
    for (const call of later) call();
    expect(answers).toEqual([answer]);
  });
});
