import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../../support/cli.js";

/** Message kinds of the boards that `writeActs` makes. */
export const ActKind = { act: 0, echo: 1, work: 2 } as const;
/** Kinds of what they send. */
export const Said = { echo: 10, value: 11, bytes: 12, signature: 20, digest: 21 } as const;

/** What a board may do wrong, and what it may do; `id` and `payload` are the message's, `value(n)` says a number. */
export const ACTS = {
  slots: "const all = []; for (;;) all.push({});",
  slotList: "let all; for (;;) all = { all };",
  chunks: "const all = []; for (;;) all.push(new Uint8Array(100));",
  bigChunk: "new ArrayBuffer(100000000);",
  string: '"x".repeat(0x30000000);',
  stringGrow: 'let s = "x"; for (;;) s += s;',
  stack: "const f = (n) => 1 + f(n + 1); f(0);",
  deep: "const f = (n) => (n === 0 ? 0 : 1 + f(n - 1)); value(f(30));",
  globalCount: "globalThis.count = (globalThis.count ?? 0) + 1; value(globalThis.count);",
  nativeJson: "let a = []; for (let i = 0; i < 300; i++) a = [a]; JSON.stringify(a);",
  nativeParse: 'JSON.parse("[".repeat(4000));',
  nativeRegexp: 'new RegExp("(".repeat(3000) + ")".repeat(3000)).test("x");',
  regexpBack: '/(a+)+$/.test("a".repeat(40) + "b");',
  nativeSort: "const again = () => [3, 2, 1].sort(again); again();",
  nativeToString: "const o = { toString() { return String(o); } }; String(o);",
  nativeProxy: "let p = {}; for (let i = 0; i < 200; i++) p = new Proxy(p, {}); p.x;",
  loop: "for (;;);",
  loopPromise: "const again = () => Promise.resolve().then(again); again();",
  loopNative: "Array.prototype.indexOf.call({ length: 9e15 }, 1);",
  throwError: 'throw new TypeError("in receive");',
  throwObject: "throw { toString() { for (;;); } };",
  throwNull: "throw null;",
  throwFull: 'const e = new Error("full"); try { let a; for (;;) a = { a }; } finally { throw e; }',
  sharedWrite: "shared.count++; value(shared.count);",
  sharedArray: "table.push(4); value(table.length);",
  counter: "counter++; value(counter);",
  frozenWrite: "frozen.list[0] = 9;",
  prototype: "Array.prototype.extra = () => 1; value([].extra());",
  prototypeLook: 'value(typeof [].extra === "undefined" ? 0 : 1);',
  globalWrite: "globalThis.thing = 7; value(globalThis.thing);",
  globalRead: "value([Math, JSON, Map, Array, Object, Number, String].length);",
  flashBytes: "flashBuffer[3] = 1;",
  flashMapSet: 'flashMap.set("b", 2);',
  flashSign: "host.sha256(digest, flashBuffer, 0);",
  flashRandom: "host.random(flashBuffer);",
  keys: 'const o = {}; for (let i = 0; ; i++) o["key" + i] = i;',
  symbols: "const all = []; for (;;) all.push(Symbol());",
  reject: 'Promise.reject(new Error("nobody listens"));',
  rejectHandled: 'Promise.reject(new Error("heard")).catch(() => value(1));',
  asyncThrow: '(async () => { await null; throw new Error("after await"); })();',
  evaluate: '(0, eval)("1 + 1");',
  makeFunction: 'new Function("return 1")();',
  chunkOver: "globalThis.big = [new Uint8Array(9600), new Uint8Array(9600)];",
  keep: "globalThis.kept = [new Uint8Array(64), new Uint8Array(100), new Uint8Array(3)];",
  output: "const b = new Uint8Array(1000); for (;;) host.send(12, 0, b);",
  much: "const b = new Uint8Array(1000); for (let i = 0; i < 200; i++) host.send(12, i, b);",
  sign: `const d = new Uint8Array(32), f = new Uint8Array(300), k = new Uint8Array(40);
    host.sha256(new Uint8Array([97, 98, 99]), d, 0);
    host.sign(d, f, 200);
    host.publicKey(k, 5);
    host.send(20, 1, f.subarray(200, 264), k.subarray(5, 38));
    host.send(21, 1, d);`,
  badArguments: `let errors = 0;
    const d = new Uint8Array(32), f = new Uint8Array(64);
    for (const bad of [() => host.sign(d, f, 1), () => host.sign(d, f, -1), () => host.sign(d, f, NaN),
      () => host.sign(d, f, 1e300), () => host.sign(f, f, 0), () => host.sign(d), () => host.sign(),
      () => host.sign({}, f, 0), () => host.sign(d, "x", 0), () => host.sha256(null, f, 0), () => host.send(256, 0),
      () => host.send(-1, 0), () => host.send(), () => host.sha256(d, new Uint8Array(31), 0),
      () => host.random(new Uint16Array(4)), () => host.publicKey(new Uint8Array(32)), () => { host.sign = 1; },
      () => host.sign(d, f, { valueOf() { throw new Error("x"); } })])
      try { bad(); } catch { errors++; }
    value(errors);`,
  flashArguments: `let errors = 0;
    const v = new Uint8Array(8), gone = new Uint8Array(8), big = new Uint8Array(9000);
    gone.buffer.transfer();
    for (const bad of [-1, -4, 0.5, NaN, Infinity, -Infinity, 1e300, 2 ** 32, 4096, 4092, "x", {}])
      for (const act of [() => host.flashRead(bad, v), () => host.flashProgram(bad, v), () => host.flashErase(bad)])
        try { act(); } catch (error) { if (error instanceof RangeError && /^address: /.test(error.message)) errors++; }
    for (const act of [() => host.flashProgram(2, v), () => host.flashProgram(0, v.subarray(0, 6)), () => host.flashRead(0, big),
      () => host.flashProgram(0, big), () => host.flashErase(4), () => host.flashErase(1023)])
      try { act(); } catch (error) { if (error instanceof RangeError && /^address: /.test(error.message)) errors += 100; }
    for (const act of [() => host.flashRead(), () => host.flashRead(0), () => host.flashProgram(0), () => host.flashErase(),
      () => host.flashRead(0, null), () => host.flashRead(0, "x"), () => host.flashRead(0, new Uint16Array(4)),
      () => host.flashProgram(0, [1, 2, 3, 4]), () => host.flashRead(0, gone), () => host.flashProgram(0, gone),
      () => host.flashProgram(Symbol(), v), () => host.flashErase({ valueOf() { throw new Error("x"); } }),
      () => { const w = new Uint8Array(8); host.flashProgram({ valueOf() { w.buffer.transfer(); return 0; } }, w); },
      () => { host.flashErase = 1; }])
      try { act(); } catch { errors += 10000; }
    value(errors);
    const all = new Uint8Array(4096);
    host.flashRead(0, all);
    value(all.filter((byte) => byte !== 0xff).length);`,
  flashNone: `let errors = 0;
    const v = new Uint8Array(4);
    for (const act of [() => host.flashRead(0, v), () => host.flashProgram(0, v), () => host.flashErase(0)])
      try { act(); } catch (error) { if (error.message === "this board has no flash") errors++; }
    value(errors);`,
  flashShared: "host.flashProgram(0, digest); host.flashRead(0, flashBuffer);",
  flashCount: `const v = new Uint8Array(4);
    host.flashRead(0, v);
    v[0]--;
    host.flashErase(0);
    host.flashProgram(0, v);
    value(v[0]);`,
  flashFill: "host.flashProgram(1024, new Uint8Array(3072)); value(1);",
  flashWear: "const v = new Uint8Array(1024); for (;;) { host.flashProgram(0, v); host.flashErase(0); }",
  call: "host.call(1, 2, undefined);",
  mathRandom: "value(Math.random());",
  now: "value(Date.now() + host.uptime());",
  nothing: "",
} as const;
export type Act = keyof typeof ACTS;
export const ACT_NAMES = Object.keys(ACTS) as Act[];

/** Writes the script that runs acts, for xs-host, into a temporary folder; returns its path. */
export function writeActs(): string {
  const acts = ACT_NAMES.map((name) => `(id, payload) => { ${ACTS[name]} },`);
  const script = `"use strict";
const shared = { count: 0 };
const frozen = Object.freeze({ list: Object.freeze([1, 2, 3]) });
const flashBuffer = new Uint8Array(32), digest = new Uint8Array(32);
const flashMap = new Map([["a", 1]]);
const table = [1, 2, 3];
let counter = 0;
const value = (n) => host.send(${Said.value}, n);
const acts = Object.freeze([
${acts.join("\n")}
]);
globalThis.boot = (config) => {
  if (config !== undefined && host.text(config) === "throw") throw new Error("at boot");
};
globalThis.receive = (kind, id, payload) => {
  if (kind === ${ActKind.act}) acts[id](id, payload);
  else if (kind === ${ActKind.echo}) host.send(${Said.echo}, id, payload);
  else if (kind === ${ActKind.work}) { // garbage, and a signature
    const d = new Uint8Array(32), f = new Uint8Array(64), made = [];
    for (let i = 0; i < 10; i++) made.push({ i });
    host.sha256(payload, d, 0); host.sign(d, f, 0); host.send(${Said.echo}, id, f);
  }
};
`;
  const path = join(temporaryFolder(), "acts.js");
  writeFileSync(path, script);
  return path;
}
