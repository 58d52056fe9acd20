import { type AddressInfo, createServer, type Socket } from "node:net";
import * as telnet from "../../provision/telnet.js";
import type { PortSide, Signals } from "./port.js";

/** Commands of a client (RFC 2217 §3); the server's answer to each is 100 more. */
const SIGNATURE = 0;
const SET_BAUDRATE = 1;
const SET_CONTROL = 5;
const NOTIFY_MODEMSTATE = 7;
const SET_LINESTATE_MASK = 10;
const PURGE_DATA = 12;
const ANSWER = 100;
/** Values of SET_CONTROL. */
const DTR_STATE = 7;
const DTR_ON = 8;
const DTR_OFF = 9;
const RTS_STATE = 10;
const RTS_ON = 11;
const RTS_OFF = 12;
/** SET_DATASIZE, SET_PARITY and SET_STOPSIZE, and what is answered to 0, which asks: 8 bits, none, 1. */
const LINE: Readonly<Record<number, number>> = { 2: 8, 3: 1, 4: 1 };
/** CTS, DSR and carrier are there. */
const MODEM_STATE = 0xb0;
const BAUD = 115_200;
const OPTIONS = [telnet.OPTION_BINARY, telnet.OPTION_SUPPRESS_GO_AHEAD, telnet.OPTION_COM_PORT];
/** Bytes that wait for a client who reads slowly, at most; what does not fit is lost, whole calls at a time. */
const MAX_WAITING = 262_144;

/** Connections that have said nothing yet, at most, and milliseconds that they have. */
const MAX_SILENT = 8;
const SILENCE = 10_000;

/** A serial port over TCP (RFC 2217), with DTR and RTS: what pyserial and esptool open as `rfc2217://host:port`. */
export interface Rfc2217Side extends PortSide {
  /** `rfc2217://127.0.0.1:4000`. */
  readonly url: string;
  readonly port: number;
  onSignals(handler: (signals: Signals) => void): void;
  /** Told of each rate that a client sets, in bits a second. */
  onBaud(handler: (baud: number) => void): void;
}

/**
 * Listens on this machine only. `port` 0: any that is free. One client at a time has the port; others are turned away, as with a port that is
 * busy. When a client goes, its lines fall.
 *
 * Any page in a browser on this machine can have it connect here and send lines of its choice: a form that is posted, whose body would then be typed into
 * the board. So a client has the port when it begins as RFC 2217 does, with a command of telnet (IAC, 255), which nothing that a page sends begins with;
 * esptool, pyserial and this project's tools do. Another is told so, and nothing of what it sends reaches the board.
 */
export async function startRfc2217(port = 0): Promise<Rfc2217Side> {
  const board: BoardSide = { data() {}, signals() {}, baud() {} };
  let client: Client | undefined;
  let end = () => {};
  const gone = new Promise<void>((resolve) => {
    end = resolve;
  });
  const silent = new Set<Socket>();
  const server = createServer((socket) => {
    if (client !== undefined || silent.size >= MAX_SILENT) {
      socket.destroy();
      return;
    }
    silent.add(socket);
    socket.on("error", () => {}); // "close" follows
    socket.once("close", () => silent.delete(socket));
    socket.setTimeout(SILENCE, () => socket.destroy());
    socket.once("data", (first) => {
      silent.delete(socket);
      if (first[0] !== telnet.IAC) return refuse(socket, first);
      socket.setTimeout(0);
      if (client !== undefined) {
        socket.destroy();
        return;
      }
      client = new Client(socket, board, first, () => {
        client = undefined;
      });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
  const { port: listening } = server.address() as AddressInfo;
  return {
    url: `rfc2217://127.0.0.1:${listening}`,
    port: listening,
    gone,
    onData(handler) {
      board.data = handler;
    },
    onSignals(handler) {
      board.signals = handler;
    },
    onBaud(handler) {
      board.baud = handler;
    },
    write: (bytes) => client?.write(bytes),
    cut() {
      client?.destroy();
      for (const socket of silent) socket.destroy();
      server.close(() => end());
    },
  };
}

/** Says what the port is, to a browser in its own language, and takes nothing more. */
function refuse(socket: Socket, first: Uint8Array): void {
  const says =
    "this is the serial port of a simulated board (RFC 2217), not a web server: open it as rfc2217://, for instance with fieldmark serve --board\n";
  const isHttp = /^[A-Z]+ /.test(Buffer.from(first.subarray(0, 16)).toString("latin1"));
  const head = "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n";
  socket.on("data", () => {}); // closed with bytes unread, the answer would be lost
  socket.end(isHttp ? head + says : says);
}

/** Whoever has the board's end. */
interface BoardSide {
  data(bytes: Uint8Array): void;
  signals(signals: Signals): void;
  baud(baud: number): void;
}

class Client implements telnet.TelnetHandler {
  readonly #socket: Socket;
  readonly #board: BoardSide;
  #signals: Signals = { dtr: false, rts: false };
  #baud = BAUD;
  /** What was said of each option already: an answer to an answer would never end. */
  readonly #said = new Set<number>();

  /** `first`: what it has sent already. */
  constructor(socket: Socket, board: BoardSide, first: Uint8Array, closed: () => void) {
    this.#socket = socket;
    this.#board = board;
    const reader = new telnet.TelnetReader(this);
    socket.setNoDelay(true);
    socket.on("data", (bytes) => reader.received(bytes));
    socket.on("close", () => {
      closed();
      this.signal({ dtr: false, rts: false });
    });
    reader.received(first);
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writableLength < MAX_WAITING) this.#socket.write(telnet.escaped(bytes));
  }

  destroy(): void {
    this.#socket.destroy();
  }

  data(bytes: Uint8Array): void {
    this.#board.data(bytes);
  }

  option(verb: number, option: number): void {
    const isKnown = OPTIONS.includes(option);
    const asks = verb === telnet.DO || verb === telnet.WILL;
    const key = verb * 256 + option;
    if (!asks || this.#said.has(key)) return;
    this.#said.add(key);
    const yes = verb === telnet.DO ? telnet.WILL : telnet.DO;
    const no = verb === telnet.DO ? telnet.WONT : telnet.DONT;
    this.#socket.write(Uint8Array.of(telnet.IAC, isKnown ? yes : no, option));
  }

  subnegotiation(bytes: Uint8Array): void {
    const [option, command = 0, ...value] = bytes;
    if (option !== telnet.OPTION_COM_PORT) return;
    if (command === SIGNATURE) {
      if (value.length === 0)
        this.answer(
          command,
          [..."fieldmark"].map((letter) => letter.charCodeAt(0)),
        );
    } else if (command === SET_BAUDRATE) this.setBaud(value);
    else if (command === SET_CONTROL) this.control(value[0] ?? 0);
    else if (command === NOTIFY_MODEMSTATE) this.answer(command, [MODEM_STATE]);
    else if (command in LINE) this.answer(command, [value[0] || (LINE[command] as number)]);
    else if (command >= SET_LINESTATE_MASK && command <= PURGE_DATA) this.answer(command, value.slice(0, 1));
  }

  private setBaud(value: readonly number[]): void {
    const baud = value.reduce((sum, byte) => sum * 256 + byte, 0);
    if (value.length === 4 && baud > 0 && baud !== this.#baud) {
      this.#baud = baud;
      this.#board.baud(baud);
    }
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, this.#baud);
    this.answer(SET_BAUDRATE, [...new Uint8Array(view.buffer)]);
  }

  private control(value: number): void {
    const { dtr, rts } = this.#signals;
    // pyserial sets a line and waits 50 ms for the answer before it sets the other: with both set in between, the chip would start from its flash.
    // Espressif's own server, esp_rfc2217_server, knows esptool's reset by this step, too, and does the rest of it at once.
    if (value === DTR_ON && rts && !dtr) this.signal({ dtr: true, rts: false });
    else if (value === DTR_ON || value === DTR_OFF) this.signal({ dtr: value === DTR_ON, rts });
    else if (value === RTS_ON || value === RTS_OFF) this.signal({ dtr, rts: value === RTS_ON });
    const asked = this.#signals;
    if (value === DTR_STATE) this.answer(SET_CONTROL, [asked.dtr ? DTR_ON : DTR_OFF]);
    else if (value === RTS_STATE) this.answer(SET_CONTROL, [asked.rts ? RTS_ON : RTS_OFF]);
    else this.answer(SET_CONTROL, [value]);
  }

  private signal(signals: Signals): void {
    const { dtr, rts } = this.#signals;
    if (dtr === signals.dtr && rts === signals.rts) return;
    this.#signals = signals;
    this.#board.signals(signals);
  }

  private answer(command: number, value: readonly number[]): void {
    if (this.#socket.writable)
      this.#socket.write(
        telnet.subnegotiation(telnet.OPTION_COM_PORT, Uint8Array.of(command + ANSWER, ...value)),
      );
  }
}
