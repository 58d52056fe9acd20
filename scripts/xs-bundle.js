/** How esbuild makes a script for boards on XS, an engine of ES2022 without modules or a console. */
export const forXs = {
  bundle: true,
  format: "iife",
  target: "es2022",
  minifySyntax: true, // constants in place: each variable that a function reaches costs it a stack slot
  legalComments: "none",
  logLevel: "warning",
};
