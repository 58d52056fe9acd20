/** What link.test.ts and link-script.ts, which freezes the engine that loads it, say to each other. */

/**
 * Kinds of messages to the board; id: the link. `open`'s bytes: the number of the handler that is
 * told, a double; `publish`'s: the publication, a double, and the payload.
 */
export const Ask = { open: 64, publish: 65, close: 66 } as const;
/** Kinds of its answers; id: the handler. `acknowledged`'s bytes: the publication, a double. */
export const Told = { opened: 64, acknowledged: 65, refused: 66, closed: 67 } as const;

export interface LinkScript {
  readonly links: readonly string[];
  readonly topic: string;
}
