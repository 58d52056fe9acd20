export default {
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  transform: { "\\.(ts|js)$": "<rootDir>/test/support/transform.js" },
  // These packages are ES modules only.
  transformIgnorePatterns: ["/node_modules/(?!(@noble|@scure|cddl|camelcase|log-update)/)"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  moduleFileExtensions: ["ts", "js", "json", "node"],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/build/"],
  reporters: ["default", "<rootDir>/test/support/reporter.js"],
};
