// Preloaded (node --require): npm secp256k1 finds no binary for this machine, as on a system for which it has none, and
// the checker of signatures was not compiled.
const Module = require("node:module");
const load = Module._load;
Module._load = function (name, parent, ...rest) {
  if (name === "node-gyp-build" && /node_modules.secp256k1/.test(parent?.filename ?? ""))
    return () => {
      throw new Error("No native build was found");
    };
  return load.call(this, name, parent, ...rest);
};
const { dlopen } = process;
process.dlopen = function (module, path, ...rest) {
  if (/build.checker/.test(path)) throw new Error("There is no such file");
  return dlopen.call(this, module, path, ...rest);
};
