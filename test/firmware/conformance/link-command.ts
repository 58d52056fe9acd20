/** What test/firmware/link.test.ts writes into links.json. */
export interface LinksRun {
  readonly port: number;
}

/** A line of commands.jsonl. `open`: which of all openings, whose handler is told. Payloads in hex. */
export type LinkCommand = { readonly link: number } & (
  | { readonly type: "open"; readonly open: number }
  | { readonly type: "publish"; readonly id: number; readonly topic: string; readonly payload: string }
  | { readonly type: "close" }
);
