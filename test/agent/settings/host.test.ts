import { expect, test } from "@jest/globals";
import { isHost } from "../../../agent/settings/host.js";

test.each([
  "a",
  "broker.example.org",
  "broker.example.org.",
  "docker_broker",
  "4broker.local",
  "10.0.0.2",
  "255.255.255.255",
  "::1",
  "::",
  "2001:db8::7",
  "fe80::1:1883",
  "1::",
  "1:2:3:4:5:6:7:8",
  "FE80:0:0:0:1:2:3:4",
])("%s is a host", (host) => {
  expect(isHost(host)).toBe(true);
});

test.each([
  "",
  "10.0.0.2:1883",
  "broker:1883",
  "mqtt://broker",
  "me:pw@broker",
  "me@broker",
  "broker/path",
  "broker?query",
  "broker#x",
  "broker 1",
  " broker",
  "broker\r",
  "[::1]",
  "[::1]:1883",
  "10.0.0.256",
  "10.0.0",
  "10.0.0.2.",
  "10.0.0.02",
  "1883",
  ".",
  "..",
  "a..b",
  ".a",
  "zähler.local",
  `${"a".repeat(64)}.b`,
  "a.".repeat(127),
  ":::",
  "1:2:3",
  "1::2::3",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:",
  ":1:2:3:4:5:6:7",
  "1::2:",
  "12345::",
  "fe80::1%eth0",
])("%j is none", (host) => {
  expect(isHost(host)).toBe(false);
});
