/** In place of `@jest/globals`: what the tests use of it, and no more. Test bodies are gathered, and run by `run.ts`. */
import { nameOf } from "./names.js";

export { expect } from "./expect.js";

export type Body = (...row: never[]) => unknown;
type Hook = () => unknown;
type HookKind = "beforeAll" | "afterAll" | "beforeEach" | "afterEach";

export interface Suite {
  readonly name: string;
  readonly parent: Suite | undefined;
  readonly hooks: Readonly<Record<HookKind, Hook[]>>;
  /** Whether `beforeAll` has run, and how many cases in and below have still to run. */
  begun: boolean;
  left: number;
}

export interface Case {
  readonly name: string;
  readonly suite: Suite;
  readonly body: () => unknown;
}

const newSuite = (name: string, parent: Suite | undefined): Suite => ({
  name,
  parent,
  hooks: { beforeAll: [], afterAll: [], beforeEach: [], afterEach: [] },
  begun: false,
  left: 0,
});

let current: Suite = newSuite("", undefined);
/** In the order in which they are written. */
export const cases: Case[] = [];

/** Every row of a table as the arguments of a call. */
const rowOf = (row: unknown): readonly unknown[] => (Array.isArray(row) ? row : [row]);

type Table = readonly unknown[];
const tabled = (declare: (name: string, body: () => unknown) => void) => (table: Table) => {
  if (table.length === 0) throw new Error("a table without rows");
  return (title: string, body: Body) =>
    table.forEach((item, index) => {
      const row = rowOf(item);
      declare(nameOf(title, row, index), () => body(...(row as never[])));
    });
};

function declareTest(name: string, body: () => unknown): void {
  const suite = current;
  for (let outer: Suite | undefined = suite; outer !== undefined; outer = outer.parent) outer.left++;
  cases.push({ name: suite.name === "" ? name : `${suite.name} > ${name}`, suite, body });
}

function declareSuite(name: string, body: () => unknown): void {
  const outer = current;
  current = newSuite(outer.name === "" ? name : `${outer.name} > ${name}`, outer);
  if (body() !== undefined) throw new Error(`describe "${name}" returned something`);
  current = outer;
}

export const test = Object.assign(declareTest, { each: tabled(declareTest) });
export const describe = Object.assign(declareSuite, { each: tabled(declareSuite) });

const hook = (kind: HookKind) => (body: Hook) => void current.hooks[kind].push(body);
export const beforeAll = hook("beforeAll");
export const afterAll = hook("afterAll");
export const beforeEach = hook("beforeEach");
export const afterEach = hook("afterEach");
