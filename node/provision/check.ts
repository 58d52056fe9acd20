/** What was looked at. `unsure`: it may be in the way of some. */
export interface Check {
  readonly name: string;
  readonly state: "good" | "bad" | "unsure";
  readonly said: string;
  readonly hint?: string;
}
