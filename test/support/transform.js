// Jest's transformer: esbuild turns TypeScript and ES modules into CommonJS. It checks no types; `tsc` does.
import { transformSync } from "esbuild";

export default {
  process(source, path) {
    const { code, map } = transformSync(source, {
      loader: path.endsWith(".ts") ? "ts" : "js",
      format: "cjs",
      target: "node20",
      sourcefile: path,
      sourcemap: true,
    });
    return { code, map };
  },
};
