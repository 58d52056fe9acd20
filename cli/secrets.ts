import { InputError } from "../agent/input-error.js";
import { readTextFile, textOfVariable } from "../node/text-file.js";
import { firstLine } from "../text/decode.js";
import { quoted } from "../text/visible.js";
import { ask, tell } from "./output.js";

const PASSWORD = "FIELDMARK_WIFI_PASSWORD";
const ENTER = ["\r", "\n", "\u0004"];
const BACKSPACE = ["\u007f", "\b"];
const CTRL_C = "\u0003";

/**
 * A Wi-Fi password from a file, the environment or, on a terminal, a prompt that shows nothing of it; never from argv, which others on
 * the machine can see. Throws InputError where there is none of the three.
 */
export async function wifiPassword(ssid: string, file: string | undefined): Promise<string> {
  if (file !== undefined) return firstLine(readTextFile(file));
  const given = textOfVariable(PASSWORD);
  if (given !== undefined) return given;
  if (!process.stdin.isTTY)
    throw new InputError(
      `the password of ${quoted(ssid)}: name its file with --wifi-password-file, or set ${PASSWORD}`,
    );
  return prompt(`Password of ${quoted(ssid)} (empty if it has none): `);
}

/** Asks on the terminal. Throws InputError where it is left with Ctrl-C. */
function prompt(question: string): Promise<string> {
  const { stdin } = process;
  stdin.setRawMode(true); // before the question: whoever types ahead is not shown either
  ask(question);
  stdin.setEncoding("utf8");
  stdin.resume();
  return new Promise((resolve, reject) => {
    let typed: string[] = [];
    const end = () => {
      stdin.off("data", read);
      stdin.setRawMode(false);
      stdin.pause();
      tell("");
    };
    function read(text: string): void {
      for (const character of text) {
        if (ENTER.includes(character)) {
          end();
          resolve(typed.join(""));
          return;
        }
        if (character === CTRL_C) {
          end();
          reject(new InputError("no password was given"));
          return;
        }
        if (BACKSPACE.includes(character)) typed = typed.slice(0, -1);
        else typed.push(character);
      }
    }
    stdin.on("data", read);
  });
}
