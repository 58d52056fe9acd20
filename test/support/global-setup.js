// Compiles the XS engine and the checker of signatures once, before several test files need them at the same time. Without a compiler they say so.
import { build } from "esbuild";

export default async function setup({ rootDir }) {
  // Jest reads this file before its own transformer and resolver of TypeScript are there.
  const { outputFiles } = await build({
    stdin: {
      contents: `
        export { buildXsHost } from "./host-sim/engines/xs/build.ts";
        export { buildChecker } from "./node/checker-build.ts";
        export { findCompiler } from "./node/compiler.ts";`,
      resolveDir: rootDir,
    },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
  });
  const { buildXsHost, buildChecker, findCompiler } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
  );
  if (findCompiler() === undefined) return;
  const progress = (line) => process.stderr.write(`${line}\n`);
  await buildChecker(rootDir, progress);
  await buildXsHost({ root: rootDir, progress });
}
