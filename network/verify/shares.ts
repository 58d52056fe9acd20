/**
 * Who takes how much of something, and who takes about most of it: among those that take half as much as the largest, or more, the one
 * that has taken so much for longest. A look costs the same however many there are.
 */
export class Shares<Member> {
  readonly #sizes = new Map<Member, number>();
  /** By the power of two that is not above its size. */
  readonly #classes: Set<Member>[] = [];
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** What a member takes on average. */
  get mean(): number {
    return this.#total / Math.max(1, this.#sizes.size);
  }

  /** 0: nothing any more. */
  set(member: Member, size: number): void {
    const before = this.#sizes.get(member) ?? 0;
    this.#total += size - before;
    if (size === 0) this.#sizes.delete(member);
    else this.#sizes.set(member, size);
    if (classOf(before) === classOf(size)) return;
    this.#classes[classOf(before)]?.delete(member);
    if (size === 0) return;
    while (this.#classes.length <= classOf(size)) this.#classes.push(new Set());
    this.#classes[classOf(size)]?.add(member);
  }

  largest(): Member | undefined {
    while (this.#classes.at(-1)?.size === 0) this.#classes.pop();
    return this.#classes.at(-1)?.values().next().value;
  }
}

/** -1: of nothing. */
function classOf(size: number): number {
  return size === 0 ? -1 : Math.floor(Math.log2(size));
}
