import { freezeAll } from "./freeze.js";

/** What a board does with a message of Node's. */
export interface Receiver {
  receive(kind: number, id: number, bytes: Uint8Array | undefined): void;
}

/**
 * Gives xs-host what it calls of a script: `boot` once for each board, then `receive` for each message. To be called last, as the script
 * is loaded: what is there then is unchangeable from then on.
 */
export function runBoards(create: (config: Uint8Array) => Receiver): void {
  let board: Receiver;
  Object.assign(globalThis, {
    boot(config: Uint8Array): void {
      board = create(config);
    },
    receive(kind: number, id: number, bytes: Uint8Array | undefined): void {
      board.receive(kind, id, bytes);
    },
  });
  freezeAll();
}
