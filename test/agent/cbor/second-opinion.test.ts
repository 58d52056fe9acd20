import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { decodeByCborX } from "./cbor-x.js";
import { encoded } from "./encoded.js";
import { cborValues, normal } from "./values.js";

test("cbor-x reads whatever encodeCbor writes as the same", () => {
  fc.assert(
    fc.property(cborValues, (value) => {
      expect(decodeByCborX(encoded(value, 2 ** 20))).toEqual(normal(value));
    }),
    { seed: 8949, numRuns: 500 },
  );
});
