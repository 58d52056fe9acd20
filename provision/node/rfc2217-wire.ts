import { connect, type Socket } from "node:net";
import * as telnet from "../../host-sim/provision/telnet.js";
import { Receivers, type Wire, WireError, type WireSignals } from "../wire.js";

/** RFC 2217 §3, client to access server. */
const SET_BAUDRATE = 1;
const SET_CONTROL = 5;
const DTR = { true: 8, false: 9 } as const;
const RTS = { true: 11, false: 12 } as const;
/** Milliseconds that a server may take to be reached. */
const TIMEOUT = 5000;

/** Opens `rfc2217://host:port`, as esptool and pyserial name it. Throws WireError. */
export async function openRfc2217(url: string): Promise<Wire> {
  const { hostname, port } = parse(url);
  const socket = await reach(url, hostname, port);
  const receivers = new Receivers();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  let isClosed = false;
  void closed.then(() => {
    isClosed = true;
    receivers.clear();
  });
  const reader = new telnet.TelnetReader({
    data: (bytes) => receivers.received(bytes),
    option() {}, // what we offered is all that we do; who refuses the port's options takes bytes all the same
    subnegotiation() {}, // the server's answers: signals and rates are asked for, not waited for
  });
  socket.on("data", (bytes) => reader.received(bytes));
  const send = (bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      const failed = () => reject(new WireError("closed", `${url}: the connection has ended`));
      if (isClosed) failed();
      else socket.write(bytes, (error) => (error ? failed() : resolve()));
    });
  const { IAC, WILL, DO, OPTION_BINARY, OPTION_SUPPRESS_GO_AHEAD, OPTION_COM_PORT } = telnet;
  await send(
    Uint8Array.of(
      ...[IAC, WILL, OPTION_BINARY, IAC, DO, OPTION_BINARY],
      ...[IAC, WILL, OPTION_SUPPRESS_GO_AHEAD, IAC, DO, OPTION_SUPPRESS_GO_AHEAD],
      ...[IAC, WILL, OPTION_COM_PORT],
    ),
  );
  const control = (...bytes: number[]) => telnet.subnegotiation(OPTION_COM_PORT, Uint8Array.from(bytes));
  return {
    name: url,
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

function parse(url: string): { hostname: string; port: number } {
  const parsed = URL.canParse(url) ? new URL(url.replace(/^rfc2217:/, "tcp:")) : undefined;
  const port = Number(parsed?.port);
  if (parsed === undefined || parsed.hostname === "" || !(port > 0))
    throw new WireError("not-there", `${url}: a port over TCP looks like rfc2217://host:4000`);
  return { hostname: parsed.hostname.replace(/^\[|\]$/g, ""), port };
}

function reach(url: string, host: string, port: number): Promise<Socket> {
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
