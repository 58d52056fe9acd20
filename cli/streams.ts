import { messageOf } from "./errors.js";
import { warnAtOnce } from "./output.js";

/** Exit code where the reader of an output went away (`| head`): that of a program which SIGPIPE ended. */
const PIPE_CLOSED = 128 + 13;

/**
 * Ends the process where what it says cannot be written, or where it has a fault: with one line on standard error,
 * where that can still be written, and never with a stack trace, save FIELDMARK_DEBUG asks for one.
 *
 * A reader that has seen enough is no error and gets no line. The exit code then is 141, unless there is one already:
 * nobody knows whether what was not checked any more would have been fine, so it must not be 0.
 */
export function watchStreams(shown: (text: string) => string): void {
  const end = (line: string, error: Error) => {
    try {
      warnAtOnce(shown(line));
      if (process.env.FIELDMARK_DEBUG) warnAtOnce(shown(String(error.stack)));
    } catch {
      // Standard error is gone, too: the exit code says it.
    }
    process.exit(1);
  };
  for (const [stream, name] of [
    [process.stdout, "standard output"],
    [process.stderr, "standard error"],
  ] as const)
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(process.exitCode ?? PIPE_CLOSED);
      end(messageOf(error, name), error);
    });
  process.on("uncaughtException", (error) => {
    const thrown = error instanceof Error ? error : new Error(String(error));
    end(`internal error: ${messageOf(thrown)}`, thrown);
  });
}
