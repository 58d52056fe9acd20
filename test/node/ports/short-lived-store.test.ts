import { ShortLivedStore } from "../../../node/ports/short-lived-store.js";
import { describeKeyValue } from "../../conformance/key-value.js";

describeKeyValue("short-lived", () => {
  const store = new ShortLivedStore();
  return { open: () => store, close() {} };
});
