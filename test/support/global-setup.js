// Compiles the XS engine once, before several test files need it at the same time. Without a compiler they say so.
import { build } from "esbuild";

export default async function setup({ rootDir }) {
  // Jest reads this file before its own transformer and resolver of TypeScript are there.
  const { outputFiles } = await build({
    stdin: {
      contents: `export { buildXsHost } from "./build.ts"; export { findCompiler } from "../compiler.ts";`,
      resolveDir: `${rootDir}/host-sim/engines/xs`,
    },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
  });
  const { buildXsHost, findCompiler } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
  );
  if (findCompiler() === undefined) return;
  await buildXsHost({ root: rootDir, progress: (line) => process.stderr.write(`${line}\n`) });
}
