export default {
  globalSetup: "<rootDir>/test/support/global-setup.js",
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  transform: { "\\.(ts|js)$": "<rootDir>/test/support/transform.js" },
  // These packages are ES modules only.
  transformIgnorePatterns: ["/node_modules/(?!(@noble|@scure|cddl|camelcase|log-update|esptool-js)/)"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  moduleFileExtensions: ["ts", "js", "json", "node"],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/build/"],
  maxWorkers: 3, // of two cores: most tests wait for brokers and processes
  testTimeout: 900_000, // it ends tests that hang; a busy machine needs several times a quiet one's time
  reporters: ["default", "<rootDir>/test/support/reporter.js"],
};
