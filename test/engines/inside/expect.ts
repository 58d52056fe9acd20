import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from "@vitest/expect";

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

/** Jest's matchers on chai. A matcher that it does not know throws. */
export const expect: typeof chai.expect = chai.expect;
