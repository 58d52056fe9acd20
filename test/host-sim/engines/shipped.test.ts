import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { SHIPPED } from "../../../host-sim/engines/shipped.js";

test("simulated boards start from what is compiled into real ones", () => {
  const path = join(__dirname, "../../../manifests/base/manifest.json");
  expect(JSON.parse(readFileSync(path, "utf8")).config).toMatchObject(SHIPPED);
});
