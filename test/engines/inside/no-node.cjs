// In place of Node's modules: imported by what the tests import, and not to be used.
module.exports = new Proxy(
  {},
  {
    get: (_target, name) => () => {
      throw new Error(`${String(name)} of Node is not on a board`);
    },
  },
);
