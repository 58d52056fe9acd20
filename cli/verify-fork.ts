import { isFork } from "../network/log/fork.js";
import { readForkFile } from "../network/log/fork-file.js";
import { verifierKeyText } from "../network/log/note-key.js";
import { openCheckpoint } from "../network/log/open-checkpoint.js";
import { noteChecker } from "../node/ports/note-keys.js";
import { visibleLine } from "../text/visible.js";
import { readJsonFile } from "./json-file.js";
import { print, printJson } from "./output.js";

/** Whether a file of evidence is about a log: JSON. Two frames begin with another byte. */
export const isForkFile = (bytes: Uint8Array): boolean => bytes[0] === "{".charCodeAt(0);

/**
 * Checks that two checkpoints prove a log's fork, and says which log. Throws Error where they do not.
 */
export function verifyFork(file: string, isJson: boolean): void {
  const { evidence, key } = readForkFile(readJsonFile(file), noteChecker, file);
  if (!isFork(evidence, key, noteChecker))
    throw new Error(
      `${file}: it proves nothing: the checkpoints do not contradict each other, or are not signed`,
    );
  const [older, newer] = [evidence.older, evidence.newer].map(
    (note) => openCheckpoint(note, key, noteChecker).checkpoint.size,
  );
  const text = verifierKeyText(key);
  if (isJson) printJson({ ok: true, log: key.name, key: text, older, newer });
  else
    print(`${file}: ok: log ${visibleLine(key.name)} is forked
key        ${visibleLine(text)}
signed     a tree of ${older} entries, and one of ${newer} that does not begin with it`);
}
