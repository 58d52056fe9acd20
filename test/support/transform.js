// Jest's transformer: esbuild turns TypeScript and ES modules into CommonJS. It checks no types; `tsc` does.
import { transformSync } from "esbuild";

export default {
  process(source, path) {
    const { code, map } = transformSync(source, {
      loader: path.endsWith(".ts") ? "ts" : "js",
      format: "cjs",
      target: "node20",
      // esptool-js imports its stubs on demand, which Jest's own modules cannot.
      supported: { "dynamic-import": !path.includes("/node_modules/") },
      sourcefile: path,
      sourcemap: true,
    });
    return { code, map };
  },
};
