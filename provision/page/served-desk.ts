import type { FailureCode } from "../events.js";
import type { NamedBefore } from "../names/board-names.js";
import type { Receipt } from "../operations/receipt.js";

/** Address, beside the page, where `fieldmark serve --site` enrols boards (cli/serve-desk.ts). */
export const ENROLMENT = "enrolment";

export interface DeskAnswer {
  /** did:key of whose boards these are; null where the server does not know. */
  readonly owner: string | null;
  /** The registry's file name. */
  readonly registry: string;
  /** Boards of the registry that have a name. */
  readonly named: readonly NamedBefore[];
}

/** What became of a receipt: `receipt` is countersigned where the owner's key is at the server. */
export interface Filing {
  readonly isNew: boolean;
  readonly registry: string;
  readonly receipt: Receipt;
}

export interface DeskRefusal {
  readonly code: FailureCode;
  readonly reason: string;
  readonly hint: string;
}

/** The server did not take a receipt, or is away. */
export class NotFiled extends Error {
  override readonly name = "NotFiled";
  constructor(
    /** Undefined where the server does not answer, or has another token by now. */
    readonly code: FailureCode | undefined,
    reason: string,
  ) {
    super(reason);
  }
}

/** The server that gave this page, where it enrols boards of its site. Everything is asked with the token of the printed address. */
export class ServedDesk {
  readonly #headers: { readonly authorization: string };
  /** As the page was opened; undefined where the server enrols none. */
  readonly info: Promise<DeskAnswer | undefined>;

  constructor(token: string) {
    this.#headers = { authorization: `Bearer ${token}` };
    // Another server than `fieldmark serve` gives no token, and is not asked.
    this.info = token === "" ? Promise.resolve(undefined) : this.#info();
  }

  /** Throws NotFiled. */
  async file(receipt: Receipt): Promise<Filing> {
    const response = await fetch(ENROLMENT, {
      method: "POST",
      headers: { ...this.#headers, "content-type": "application/json" },
      body: JSON.stringify(receipt),
    }).catch((error: unknown) => {
      throw new NotFiled(undefined, `the server does not answer: ${String(error)}`);
    });
    const answer = (await objectIn(response)) as Partial<Filing & DeskRefusal> | undefined;
    if (response.ok && typeof answer?.receipt === "object" && answer.receipt !== null)
      return answer as Filing;
    if (typeof answer?.code === "string")
      throw new NotFiled(answer.code, `${answer.code}: ${answer.reason} ${answer.hint}`.trim());
    throw new NotFiled(undefined, `the server answers with ${response.status}`);
  }

  async #info(): Promise<DeskAnswer | undefined> {
    const response = await fetch(ENROLMENT, { headers: this.#headers }).catch(() => undefined);
    return response?.ok ? ((await objectIn(response)) as DeskAnswer | undefined) : undefined;
  }
}

/** Undefined where something else answers than `fieldmark serve`. */
async function objectIn(response: Response): Promise<object | undefined> {
  const answer: unknown = await response.json().catch(() => undefined);
  return typeof answer === "object" && answer !== null ? answer : undefined;
}
