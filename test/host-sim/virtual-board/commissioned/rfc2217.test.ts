import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type Rfc2217Side, startRfc2217 } from "../../../../host-sim/virtual-board/rfc2217.js";
import { openRfc2217 } from "../../../../node/serial/rfc2217-wire.js";
import { escaped, TelnetReader } from "../../../../provision/telnet.js";

const sides: Rfc2217Side[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const side of sides.splice(0)) side.cut();
});

const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));

async function listen() {
  const side = await startRfc2217();
  const seen: unknown[] = [];
  sides.push(side);
  side.onData((data) => seen.push(Buffer.from(data).toString("hex")));
  side.onSignals(({ dtr, rts }) => seen.push(`dtr ${dtr} rts ${rts}`));
  side.onBaud((baud) => seen.push(`baud ${baud}`));
  return { side, seen };
}

interface Dialled {
  readonly socket: Socket;
  /** Resolves when so many bytes came, with all that came. */
  came(count: number): Promise<string>;
  readonly closed: Promise<void>;
}

async function dial({ port }: Rfc2217Side): Promise<Dialled> {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  let all = Buffer.alloc(0);
  let look = () => {};
  socket.on("error", () => {});
  socket.on("data", (data) => {
    all = Buffer.concat([all, data]);
    look();
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  const came = (count: number) =>
    new Promise<string>((resolve) => {
      look = () => all.length >= count && resolve(all.toString("hex"));
      look();
    });
  return { socket, came, closed };
}

describe("a port over TCP", () => {
  test.each([
    ["options that it knows, and not that it does not", "fffd2c fffb00 fffd01", "fffb2c fffd00 fffc01", []],
    ["the rate", "fffa2c01 000e1000 fff0", "fffa2c65 000e1000 fff0", ["baud 921600"]],
    ["the rate that it has", "fffa2c01 00000000 fff0", "fffa2c65 0001c200 fff0", []],
    [
      "bits, parity, stops",
      "fffa2c0200fff0 fffa2c0300fff0 fffa2c0401fff0",
      "fffa2c6608fff0 fffa2c6701fff0 fffa2c6801fff0",
      [],
    ],
    ["DTR", "fffa2c0508fff0 fffa2c0507fff0", "fffa2c6908fff0 fffa2c6908fff0", ["dtr true rts false"]],
    [
      "RTS on and off",
      "fffa2c050bfff0 fffa2c050cfff0",
      "fffa2c690bfff0 fffa2c690cfff0",
      ["dtr false rts true", "dtr false rts false"],
    ],
    [
      // DTR off, RTS on, DTR on, RTS off, DTR off: with both lines set in between, a chip would start from its flash.
      "esptool's reset into the loader, which sets one line after the other",
      "fffa2c0509fff0 fffa2c050bfff0 fffa2c0508fff0 fffa2c050cfff0 fffa2c0509fff0",
      "fffa2c6909fff0 fffa2c690bfff0 fffa2c6908fff0 fffa2c690cfff0 fffa2c6909fff0",
      ["dtr false rts true", "dtr true rts false", "dtr false rts false"],
    ],
    ["purging", "fffa2c0c03fff0", "fffa2c7003fff0", []],
  ])("%s", async (_, asked, answered, told) => {
    const { side, seen } = await listen();
    const { socket, came } = await dial(side);
    socket.write(bytes(asked));
    const expected = answered.replace(/ /g, "");
    expect(await came(expected.length / 2)).toBe(expected);
    expect(seen).toEqual(told);
  });

  test("passes all bytes both ways, 255 among them", async () => {
    const { side, seen } = await listen();
    const { socket, came } = await dial(side);
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    socket.write(bytes("fffd2c"));
    await came(3);
    socket.write(escaped(all));
    side.write(Uint8Array.of(1, 255, 2));
    expect(await came(3 + 4)).toBe("fffb2c01ffff02");
    socket.write(bytes("fffa2c0508fff0"));
    await came(3 + 4 + 7);
    expect(seen.slice(0, -1).join("")).toBe(Buffer.from(all).toString("hex"));
  });

  test("is busy while one has it, and lets its lines fall when that one goes", async () => {
    const { side, seen } = await listen();
    const first = await dial(side);
    first.socket.write(bytes("fffa2c0508fff0"));
    await first.came(7);
    await (await dial(side)).closed;
    first.socket.destroy();
    await first.closed;
    for (;;) {
      const next = await dial(side);
      next.socket.write(bytes("fffa2c0507fff0"));
      const answer = await Promise.race([next.came(7), next.closed]);
      if (answer === undefined) continue; // not noticed yet
      expect(answer).toBe("fffa2c6909fff0");
      break;
    }
    expect(seen).toEqual(["dtr true rts false", "dtr false rts false"]);
  });
});

describe("a page in a browser on this machine", () => {
  // Improv's request to restart, as a form of enctype text/plain could send it.
  const typed = "IMPROV\x01\x03\x02\x02\x00\xe5\r\n";
  const form = (method: string, path = "/", more = "") =>
    `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:4000\r\nContent-Type: text/plain\r\n${more}Content-Length: ${typed.length}\r\n\r\n${typed}`;
  const pieces = (text: string, size: number) => text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];

  test.each<[string, readonly string[]]>([
    ["posts a form", [form("POST")]],
    ["gets it", [form("GET", "/?IMPROV%01")]],
    ["asks first", [form("OPTIONS", "/", "Access-Control-Request-Method: PUT\r\n")]],
    ["by any method", [form("FIELDMARK")]],
    ["posts bit by bit", pieces(form("POST"), 1)],
    ["posts with telnet's bytes in the body", [`${form("POST")}\xff\xfd\x2c`]],
    ["opens TLS", ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", typed]],
    ["opens WebRTC (STUN over TCP)", [`\x00\x01\x00\x08\x21\x12\xa4\x42${typed}`]],
    ["sends lines of its own before", [`\r\n\r\n${form("POST")}`]],
  ])("%s: is told what the port is, and nothing of it reaches the board", async (_, sent) => {
    const { side, seen } = await listen();
    const { socket, came, closed } = await dial(side);
    socket.setNoDelay(true);
    for (const part of sent) socket.write(Buffer.from(part, "latin1"));
    const told = Buffer.from(
      await came(1)
        .then(() => closed)
        .then(() => came(1)),
      "hex",
    ).toString();
    expect(told).toContain("serial port");
    if (sent.length === 1 && /^[A-Z]+ /.test(sent[0] ?? "")) expect(told).toMatch(/^HTTP\/1\.1 400 /);
    // The port is free for who speaks as it does, and the board has heard nothing before.
    const wire = await openRfc2217(side.url);
    await wire.write(bytes("01"));
    await wire.setSignals?.({ dataTerminalReady: true });
    while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["01", "dtr true rts false"]);
    await wire.close();
  });

  test("connects and says nothing: the port stays free", async () => {
    const { side } = await listen();
    await dial(side);
    await (await openRfc2217(side.url)).close();
  });
});

describe("a tool at a port that another has", () => {
  test("is told so; it has the port when the other let it go", async () => {
    const { side, seen } = await listen();
    const first = await openRfc2217(side.url);
    await expect(openRfc2217(side.url)).rejects.toMatchObject({
      code: "busy",
      message: expect.stringContaining("another program has it open"),
    });
    await first.setSignals?.({ dataTerminalReady: true });
    await first.close();
    const second = await openRfc2217(side.url);
    await second.setBaud(9600);
    await second.close();
    expect(seen.slice(0, 2)).toEqual(["dtr true rts false", "dtr false rts false"]);
  });

  // What servers do with a second client: ser2net, and esp_rfc2217_server, which takes one connection at a time.
  test.each<[string, (socket: Socket) => void, string]>([
    ["says so and hangs up", (socket) => socket.end("Port already in use\r\n"), "hangs up at once"],
    ["lets it wait", () => {}, "says nothing"],
  ])("where the server %s", async (_name, treat, said) => {
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      treat(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const { port } = server.address() as AddressInfo;
    try {
      const opening = openRfc2217(`rfc2217://127.0.0.1:${port}`, 100);
      await expect(opening).rejects.toMatchObject({ code: "busy", message: expect.stringContaining(said) });
    } finally {
      server.close();
    }
  });

  test("a user and a password are refused, and not repeated", async () => {
    const opening = openRfc2217("rfc2217://me:hush@127.0.0.1:1");
    await expect(opening).rejects.toMatchObject({
      code: "not-there",
      message: expect.not.stringContaining("hush"),
    });
  });
});

test("commands may come in pieces, byte by byte", () => {
  const seen: string[] = [];
  const hex = (data: Uint8Array) => Buffer.from(data).toString("hex");
  const reader = new TelnetReader({
    data: (data) => seen.push(`data ${hex(data)}`),
    option: (verb, option) => seen.push(`option ${verb} ${option}`),
    subnegotiation: (data) => seen.push(`sub ${hex(data)}`),
  });
  for (const byte of bytes("41 ffff fffd2c fffa2c01ffff00fff0 42")) reader.received(Uint8Array.of(byte));
  expect(seen).toEqual(["data 41", "data ff", "option 253 44", "sub 2c01ff00", "data 42"]);
});
