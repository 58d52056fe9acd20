/** Ends this machine; loader.c then starts the firmware again, in the same process, with nothing of before left open. */
export function startAnew(this: unknown): undefined {
  return native("xs_fieldmark_startAnew").call(this);
}
