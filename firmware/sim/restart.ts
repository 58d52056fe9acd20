/**
 * Ends this machine; loader.c then restarts the firmware, in the same process, with nothing of
 * before left open.
 */
export function restart(this: unknown): undefined {
  return native("xs_fieldmark_restart").call(this);
}
