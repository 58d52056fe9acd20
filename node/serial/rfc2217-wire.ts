import { connect, type Socket } from "node:net";
import { parseRfc2217 } from "../../provision/rfc2217-url.js";
import * as telnet from "../../provision/telnet.js";
import { Receivers, type Wire, WireError, type WireSignals } from "../../provision/wire.js";

/** RFC 2217 §3, client to access server. */
const SET_BAUDRATE = 1;
const SET_CONTROL = 5;
const DTR = { true: 8, false: 9 } as const;
const RTS = { true: 11, false: 12 } as const;
/** Milliseconds that a server may take to be reached. */
const TIMEOUT = 5000;
/** Milliseconds that it may take to its first word, as long as pyserial waits. */
const PATIENCE = 3000;
/** Milliseconds in which a server notices that the client before has gone. */
const NOTICED = 250;

/**
 * Opens `rfc2217://host:port`, as esptool and pyserial name it. Throws WireError: `busy` where the server hangs up, or says nothing, before it
 * has answered a single option (RFC 854): so servers treat a second client. `patience`: milliseconds.
 */
export async function openRfc2217(url: string, patience = PATIENCE): Promise<Wire> {
  const wire = await open(url, patience);
  if (wire !== "hung up") return wire;
  await new Promise((resolve) => setTimeout(resolve, NOTICED));
  const again = await open(url, patience);
  if (again !== "hung up") return again;
  throw new WireError("busy", `${url}: its server hangs up at once: another program has it open`);
}

async function open(url: string, patience: number): Promise<Wire | "hung up"> {
  const socket = await reach(url);
  const receivers = new Receivers();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
    receivers.clear();
  });
  let hear = () => {};
  const heard = new Promise<"heard">((resolve) => {
    hear = () => resolve("heard");
  });
  const reader = new telnet.TelnetReader({
    data: (bytes) => receivers.received(bytes),
    option: () => hear(), // what we offered is all that we do; who refuses the port's options takes bytes all the same
    subnegotiation() {}, // the server's answers: signals and rates are asked for, not waited for
  });
  socket.on("data", (bytes) => reader.received(bytes));
  const send = (bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      const failed = () => reject(new WireError("closed", `${url}: the connection has ended`));
      if (isClosed) failed();
      else socket.write(bytes, (error) => (error ? failed() : resolve()));
    });
  const asked = performance.now();
  const { IAC, WILL, DO, OPTION_BINARY, OPTION_SUPPRESS_GO_AHEAD, OPTION_COM_PORT } = telnet;
  await send(
    Uint8Array.of(
      ...[IAC, WILL, OPTION_BINARY, IAC, DO, OPTION_BINARY],
      ...[IAC, WILL, OPTION_SUPPRESS_GO_AHEAD, IAC, DO, OPTION_SUPPRESS_GO_AHEAD],
      ...[IAC, WILL, OPTION_COM_PORT],
    ),
  ).catch(() => {}); // it has hung up: "close" follows
  const first = await firstOf(heard, closed, patience);
  if (first === "closed") return "hung up";
  if (first === "silent") {
    socket.destroy();
    throw new WireError(
      "busy",
      `${url}: its server says nothing: another program may have it open, or it is no RFC 2217 server`,
    );
  }
  const roundTrip = performance.now() - asked;
  const control = (...bytes: number[]) => telnet.subnegotiation(OPTION_COM_PORT, Uint8Array.from(bytes));
  return {
    name: url,
    roundTrip,
    closed,
    receive: (handler) => receivers.add(handler),
    write: (data) => send(telnet.escaped(data)),
    setBaud: (baud) =>
      send(control(SET_BAUDRATE, baud >>> 24, (baud >>> 16) & 0xff, (baud >>> 8) & 0xff, baud & 0xff)),
    // In one write: between the two lines the board must not start.
    setSignals: ({ dataTerminalReady: dtr, requestToSend: rts }: WireSignals) =>
      send(
        Buffer.concat([
          ...(dtr === undefined ? [] : [control(SET_CONTROL, DTR[`${dtr}`])]),
          ...(rts === undefined ? [] : [control(SET_CONTROL, RTS[`${rts}`])]),
        ]),
      ),
    async close() {
      socket.destroy();
      await closed;
    },
  };
}

async function firstOf(
  heard: Promise<"heard">,
  closed: Promise<void>,
  patience: number,
): Promise<"heard" | "closed" | "silent"> {
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<"silent">((resolve) => {
    timer = setTimeout(() => resolve("silent"), patience);
  });
  const first = await Promise.race([heard, closed.then(() => "closed" as const), silent]);
  clearTimeout(timer);
  return first;
}

function addressOf(url: string): { hostname: string; port: number } {
  try {
    return parseRfc2217(url);
  } catch (error) {
    throw new WireError("not-there", (error as Error).message);
  }
}

async function reach(url: string): Promise<Socket> {
  const { hostname: host, port } = addressOf(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const failed = (reason: string) => {
      socket.destroy();
      reject(new WireError("not-there", `${url}: ${reason}`));
    };
    socket.setTimeout(TIMEOUT, () => failed("nobody answers"));
    socket.once("error", ({ message }) => failed(message));
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.removeAllListeners("error");
      socket.on("error", () => {}); // "close" follows
      resolve(socket);
    });
  });
}
