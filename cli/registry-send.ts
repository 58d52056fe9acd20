import { sendStatement } from "../node/network/send-statement.js";
import { print, printJson } from "./output.js";

/** Sends what owners signed about a board to a witness, the first statement first. */
export async function sendStatements(
  documents: readonly Uint8Array[],
  witness: string,
  json: boolean | undefined,
): Promise<void> {
  for (const document of documents) {
    const { outcome, device, statement } = await sendStatement(witness, document);
    if (json) printJson({ type: "sent", witness, outcome, device, statement });
    else print(`${device}: statement ${statement.slice(0, 16)}: ${outcome}`);
  }
}
