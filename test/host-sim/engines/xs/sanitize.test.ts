import "./edges.test.js";
import "./flash.test.js";
import "./process.test.js";
import "./same-bytes.test.js";
import "./sync.test.js";
import "./wire.test.js";
import "./xs-board.test.js";

/*
 * xs-host's tests once more, on one that is built with AddressSanitizer and UndefinedBehaviorSanitizer: `xsHost` looks for this
 * when the tests run. What the sanitizers find, leaks included, ends xs-host with another exit code, which the tests hear of.
 */
process.env.XS_FLAVOUR = "sanitize";
