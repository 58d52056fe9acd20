import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Assignment,
  isNativeTypeWithOperator,
  isPropertyReference,
  isVariable,
  type NativeTypeWithOperator,
  type Operator,
  type Property,
  type PropertyReference,
  type PropertyType,
  parse,
  type Range,
  type Tag,
} from "cddl";
import { CborTagged, type CborValue, decodeCbor } from "../../agent/cbor/value.js";

export interface Mismatch {
  /** The innermost rule that the value breaks. */
  readonly rule: string;
  readonly detail: string;
}

/** CBOR tag 24, encoded CBOR (RFC 8949 §3.4.5.1): here it stands for `.cbor`, which npm cddl does not know. */
const EMBEDDED = 24;

/**
 * Validates decoded CBOR by CDDL (RFC 8610): the part of the language that docs/protocol.md uses. Throws for any
 * other part, so that nothing passes unchecked.
 */
export class CddlValidator {
  readonly rules = new Map<string, Assignment>();

  constructor(cddl: string) {
    const folder = mkdtempSync(join(tmpdir(), "fieldmark-cddl-"));
    try {
      const file = join(folder, "rules.cddl");
      writeFileSync(file, cddl.replace(/bstr \.cbor ([\w-]+)/g, `#6.${EMBEDDED}($1)`));
      for (const rule of parse(file)) this.rules.set(rule.Name, rule);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** What is wrong with `value`; undefined where nothing is. */
  check(rule: string, value: CborValue): Mismatch | undefined {
    const found = this.rules.get(rule);
    if (found === undefined) throw new Error(`CDDL: no rule ${rule}`);
    if (isVariable(found)) return this.#any(found.PropertyType, value, rule);
    if (found.Type === "array") return this.#array(single(found.Values), value, rule);
    return this.#map(single(found.Properties), value, rule);
  }

  /** Of several choices, none of which fits, the last one's mismatch. */
  #any(choices: PropertyType | PropertyType[], value: CborValue, rule: string): Mismatch | undefined {
    let mismatch: Mismatch | undefined;
    for (const choice of Array.isArray(choices) ? choices : [choices]) {
      mismatch = this.#type(choice, value, rule);
      if (mismatch === undefined) return undefined;
    }
    return mismatch;
  }

  #type(type: PropertyType, value: CborValue, rule: string): Mismatch | undefined {
    if (typeof type === "string") return expecting(isNative(type, value), type, rule);
    if (isPropertyReference(type)) return this.#reference(type, value, rule);
    if (isNativeTypeWithOperator(type)) return this.#controlled(type, value, rule);
    throw new Error(`CDDL: ${JSON.stringify(type)} is not supported`);
  }

  #reference(type: PropertyReference, value: CborValue, rule: string): Mismatch | undefined {
    if (type.Type === "literal") return expecting(value === type.Value, String(type.Value), rule);
    if (type.Type === "group") return this.check(type.Value as string, value);
    if (type.Type === "range") {
      const [min, max] = bounds(type.Value as Range);
      return expecting(typeof value === "number" && value >= min && value <= max, `${min}..${max}`, rule);
    }
    if (type.Type !== "tag") throw new Error(`CDDL: ${type.Type} is not supported`);
    const { NumericPart, TypePart } = type.Value as Tag;
    const tag = Number(String(NumericPart).split(".")[1]); // of 6.18
    const inside = TypePart as PropertyType;
    if (tag === EMBEDDED) {
      if (!(value instanceof Uint8Array)) return { rule, detail: "expected a byte string of CBOR" };
      return this.#type(inside, decodeCbor(value), rule);
    }
    if (!(value instanceof CborTagged) || value.tag !== tag) return { rule, detail: `expected tag ${tag}` };
    return this.#type(inside, value.value, rule);
  }

  #controlled(
    { Type, Operator }: NativeTypeWithOperator,
    value: CborValue,
    rule: string,
  ): Mismatch | undefined {
    const mismatch = this.#type(Type as PropertyType, value, rule);
    if (mismatch !== undefined || Operator === undefined) return mismatch;
    return expecting(obeys(Operator, value), `.${Operator.Type} ${JSON.stringify(Operator.Value)}`, rule);
  }

  #array(properties: Property[], value: CborValue, rule: string): Mismatch | undefined {
    if (!Array.isArray(value)) return { rule, detail: "expected an array" };
    let next = 0;
    /** Of what may be left out, and is another thing: there is none, unless something is left over. */
    let skipped: Mismatch | undefined;
    for (const { Occurrence, Type, Name } of properties) {
      let count = 0;
      let mismatch: Mismatch | undefined;
      while (count < Occurrence.m && next < value.length && mismatch === undefined) {
        mismatch = this.#any(Type, value[next] as CborValue, rule);
        if (mismatch === undefined) {
          next++;
          count++;
        }
      }
      if (mismatch !== undefined) skipped = { ...mismatch, detail: `${Name || next}: ${mismatch.detail}` };
      if (count < Occurrence.n) return skipped ?? { rule, detail: `${Name || next} is missing` };
    }
    if (next < value.length && skipped !== undefined) return skipped;
    return expecting(next === value.length, `${next} items`, rule);
  }

  #map(properties: Property[], value: CborValue, rule: string): Mismatch | undefined {
    if (!(value instanceof Map)) return { rule, detail: "expected a map" };
    let known = 0;
    for (const { Occurrence, Type, Name } of properties) {
      const item = value.get(this.#key(Name));
      if (item === undefined) {
        if (Occurrence.n > 0) return { rule, detail: `${Name} is missing` };
        continue;
      }
      known++;
      const mismatch = this.#any(Type, item, rule);
      if (mismatch !== undefined) return { ...mismatch, detail: `${Name}: ${mismatch.detail}` };
    }
    return expecting(
      known === value.size,
      `no keys but ${properties.map(({ Name }) => Name).join(", ")}`,
      rule,
    );
  }

  /** `name =>`: the number that the rule of this name stands for. */
  #key(name: string): number {
    const rule = this.rules.get(name);
    const [type] = rule !== undefined && isVariable(rule) ? [rule.PropertyType].flat() : [];
    if (isPropertyReference(type) && type.Type === "literal" && typeof type.Value === "number")
      return type.Value;
    throw new Error(`CDDL: the key ${name} is no rule with a number`);
  }
}

/** Properties without the choices that `//` makes. */
function single(properties: (Property | Property[])[]): Property[] {
  return properties.map((property) => {
    if (Array.isArray(property)) throw new Error("CDDL: group choices are not supported");
    return property;
  });
}

function expecting(met: boolean, expected: string, rule: string): Mismatch | undefined {
  return met ? undefined : { rule, detail: `expected ${expected}` };
}

function isNative(type: string, value: CborValue): boolean {
  if (type === "bstr") return value instanceof Uint8Array;
  if (type === "tstr") return typeof value === "string";
  throw new Error(`CDDL: ${type} is not supported`);
}

function obeys({ Type, Value }: Operator, value: CborValue): boolean {
  if (!isPropertyReference(Value))
    throw new Error(`CDDL: .${Type} ${JSON.stringify(Value)} is not supported`);
  if (Type === "regexp") return new RegExp(`^(?:${Value.Value})$`, "u").test(value as string);
  if (Type !== "size") throw new Error(`CDDL: .${Type} is not supported`);
  const size = typeof value === "string" ? Buffer.byteLength(value) : (value as Uint8Array).length;
  const [min, max] = Value.Type === "range" ? bounds(Value.Value as Range) : [Value.Value, Value.Value];
  return size >= Number(min) && size <= Number(max);
}

function bounds({ Min, Max, Inclusive }: Range): [number, number] {
  if (!Inclusive) throw new Error("CDDL: ranges without their end are not supported");
  const [min, max] = [Min, Max].map((end: unknown) => (isPropertyReference(end) ? end.Value : end));
  if (typeof min !== "number" || typeof max !== "number")
    throw new Error("CDDL: a range of numbers was expected");
  return [min, max];
}
