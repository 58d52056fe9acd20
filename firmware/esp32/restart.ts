/** Resets the board (restart.c). The radio is told before. */
export function restart(this: unknown): undefined {
  return native("xs_fieldmark_restart").call(this);
}
