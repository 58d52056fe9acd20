/** Something that is to happen. Opaque but for its time. */
export class Appointment {
  /** Milliseconds of virtual time. */
  readonly due: number;
  readonly order: number;
  /** Undefined once it happened or was cancelled. */
  run: (() => void) | undefined;

  constructor(due: number, order: number, run: () => void) {
    this.due = due;
    this.order = order;
    this.run = run;
  }
}

/**
 * Virtual time, in milliseconds from the start of the run: it moves only from one appointment to the next. Those of one moment
 * happen in the order in which they were made, so a run is the same each time.
 */
export class Scheduler {
  /** A binary heap: the next one first. */
  readonly #heap: Appointment[] = [];
  #now = 0;
  #order = 0;
  #stopped = false;

  get now(): number {
    return this.#now;
  }

  /** Appointments made and not yet reached, those that were cancelled included. */
  get size(): number {
    return this.#heap.length;
  }

  /** `delay`: milliseconds, 0 or more. Throws RangeError for another. */
  after(delay: number, run: () => void): Appointment {
    if (!(delay >= 0)) throw new RangeError(`a delay of ${delay} ms`);
    const appointment = new Appointment(this.#now + delay, this.#order++, run);
    this.#push(appointment);
    return appointment;
  }

  /** Harmless for one that happened or was cancelled. */
  cancel(appointment: Appointment): void {
    appointment.run = undefined;
  }

  /** Ends `run` before the next appointment. */
  stop(): void {
    this.#stopped = true;
  }

  /** Moves on to `end` (milliseconds from the start), or to where `stop` was called. */
  run(end: number): void {
    this.#stopped = false;
    for (let next = this.#heap[0]; next !== undefined && next.due <= end; next = this.#heap[0]) {
      this.#pop();
      const { run } = next;
      if (run === undefined) continue;
      next.run = undefined;
      this.#now = next.due;
      run();
      if (this.#stopped) return;
    }
    this.#now = end;
  }

  #push(item: Appointment): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent] as Appointment;
      if (!isBefore(item, other)) break;
      heap[at] = other;
      at = parent;
    }
    heap[at] = item;
  }

  #pop(): void {
    const heap = this.#heap;
    const item = heap.pop() as Appointment;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1] as Appointment, heap[child] as Appointment)) child++;
      const other = heap[child] as Appointment;
      if (!isBefore(other, item)) break;
      heap[at] = other;
      at = child;
    }
    heap[at] = item;
  }
}

function isBefore(a: Appointment, b: Appointment): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}
