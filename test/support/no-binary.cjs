// Preloaded (node --require): npm secp256k1 finds no binary for this machine, as on a system for which it has none.
const Module = require("node:module");
const load = Module._load;
Module._load = function (name, parent, ...rest) {
  if (name === "node-gyp-build" && /node_modules.secp256k1/.test(parent?.filename ?? ""))
    return () => {
      throw new Error("No native build was found");
    };
  return load.call(this, name, parent, ...rest);
};
