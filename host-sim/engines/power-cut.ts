/**
 * The power is gone: thrown by the operation that was cut and by every later call of the same
 * board.
 */
export class PowerCut extends Error {
  constructor() {
    super("the power was cut");
    this.name = "PowerCut";
  }
}
