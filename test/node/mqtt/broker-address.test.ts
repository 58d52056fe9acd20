import { expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import {
  type BrokerAddress,
  mqttOptions,
  nameOf,
  parseBrokerUrl,
} from "../../../node/mqtt/broker-address.js";

const plain = { protocol: "mqtt", tls: false, host: "h", port: 1883, path: "" } as const;

test.each<[string, BrokerAddress, string]>([
  ["mqtt://h", plain, "mqtt://h:1883"],
  [" mqtt://h/ ", plain, "mqtt://h:1883"],
  ["MQTT://h:1884", { ...plain, port: 1884 }, "mqtt://h:1884"],
  ["tcp://h", plain, "mqtt://h:1883"],
  ["mqtts://h", { ...plain, protocol: "mqtts", tls: true, port: 8883 }, "mqtts://h:8883"],
  ["ssl://h", { ...plain, protocol: "mqtts", tls: true, port: 8883 }, "mqtts://h:8883"],
  ["tls://h:1", { ...plain, protocol: "mqtts", tls: true, port: 1 }, "mqtts://h:1"],
  ["ws://h", { ...plain, protocol: "ws", port: 80, path: "/" }, "ws://h:80"],
  ["wss://h/mqtt?token=t%20%23", wss("/mqtt?token=t%20%23"), "wss://h:443/mqtt"],
  ["wss://h?token=t", wss("/?token=t"), "wss://h:443"],
  ["mqtt://[2001:DB8::7]:1884", { ...plain, host: "2001:db8::7", port: 1884 }, "mqtt://[2001:db8::7]:1884"],
  ["mqtt://[fe80::1%25eth0]", { ...plain, host: "fe80::1%eth0" }, "mqtt://[fe80::1%eth0]:1883"],
  ["mqtt://[fe80::1%eth0]", { ...plain, host: "fe80::1%eth0" }, "mqtt://[fe80::1%eth0]:1883"],
  ["mqtt://10.0.0.2", { ...plain, host: "10.0.0.2" }, "mqtt://10.0.0.2:1883"],
  [
    "mqtt://docker_broker.local.",
    { ...plain, host: "docker_broker.local." },
    "mqtt://docker_broker.local.:1883",
  ],
  ["mqtt://zähler.local", { ...plain, host: "xn--zhler-gra.local" }, "mqtt://xn--zhler-gra.local:1883"],
  ["mqtt://me@h", { ...plain, user: "me" }, "mqtt://h:1883"],
  ["mqtt://me:a:b@h", { ...plain, user: "me", password: "a:b" }, "mqtt://h:1883"],
  ["mqtt://a%3Ab:c@h", { ...plain, user: "a:b", password: "c" }, "mqtt://h:1883"],
  ["mqtt://me:p@ss@h", { ...plain, user: "me", password: "p@ss" }, "mqtt://h:1883"],
  ["mqtt://me@home:p w@h", { ...plain, user: "me@home", password: "p w" }, "mqtt://h:1883"],
  ["mqtt://mé:%25%2F%3F%23%3A%40@h", { ...plain, user: "mé", password: "%/?#:@" }, "mqtt://h:1883"],
  ["mqtt://me:%C3%BC+%E2%82%AC€@h", { ...plain, user: "me", password: "ü+€€" }, "mqtt://h:1883"],
  ["mqtt://me:@h", { ...plain, user: "me" }, "mqtt://h:1883"],
  ["mqtt://@h", plain, "mqtt://h:1883"],
])("%s", (url, address, name) => {
  expect(parseBrokerUrl(url)).toEqual(address);
  expect(nameOf(parseBrokerUrl(url))).toBe(name);
});

function wss(path: string): BrokerAddress {
  return { protocol: "wss", tls: true, host: "h", port: 443, path };
}

const FORM = /mqtt:\/\/\S*host:1883/;
const IN_BRACKETS = "mqtt://[2001:db8::7]:1883";
test.each<[string, string | RegExp]>([
  ["", FORM],
  ["h", FORM],
  ["h:1883", FORM],
  ["10.0.0.2:1883", FORM],
  ["mqtt:h", FORM],
  ["mqtt:/h", FORM],
  ["//h", FORM],
  ["http://h", "mqtts:// (TLS)"],
  ["mqtt5://h", FORM],
  ["constructor://h", FORM],
  ["mqtt://", FORM],
  ["mqtt://:1883", FORM],
  ["mqtt://secret@", FORM],
  ["mqtt://a host", FORM],
  ["mqtt://h:", FORM],
  ["mqtt://h:0", FORM],
  ["mqtt://h:65536", FORM],
  ["mqtt://h:18x3", FORM],
  ["mqtt://me:secret", FORM],
  ["mqtt://h:1883:1884", IN_BRACKETS],
  ["mqtt://2001:db8::7", IN_BRACKETS],
  ["mqtt://fe80::1:1883", IN_BRACKETS],
  ["mqtts://::1", "mqtts://[2001:db8::7]:8883"],
  ["mqtt://[10.0.0.2]:1883", IN_BRACKETS],
  ["mqtt://[::1", IN_BRACKETS],
  ["mqtt://[:::1]", IN_BRACKETS],
  ["mqtt://10.0.0.256", FORM],
  ["mqtt://10.0.0", FORM],
  ["mqtt://10.0.0.02", FORM],
  ["mqtt://h..local", FORM],
  ["mqtt://ü\\x", FORM],
  ["mqtt://h/topic", FORM],
  ["mqtt://h?clientId=secret", "client id by itself"],
  ["ws://h/mqtt?a=1&clientId=secret", "client id by itself"],
  ["mqtt://h?secret", FORM],
  ["mqtt://h#secret", "%23"],
  ["ws://h/mqtt#secret", "%23"],
  ["ws://h/a b", "%20"],
  ["mqtt://me:sec/ret@h", "%2F %3F %23"],
  ["mqtt://me:sec?ret@h", "%2F %3F %23"],
  ["mqtt://me:sec#ret@h", "%2F %3F %23"],
  ["mqtt://me:1/secret@h", "%2F %3F %23"],
  ["mqtt://field:50%off-secret@h", "% in a user name or password is written %25"],
  ["mqtt://100%@h", "% in a user name or password is written %25"],
  ["mqtt://me:%FFsecret@h", "% in a user name or password is written %25"],
  ["mqtt://me:secret%00@h", "control character"],
  ["mqtt://:secret@h", "mqtt://user:password@host:1883"],
])("%s is refused", (url, said) => {
  let message = "";
  try {
    parseBrokerUrl(url, "--broker");
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    ({ message } = error as Error);
  }
  expect(message).toMatch(/^--broker: not a broker URL: /);
  expect(message).toMatch(said);
  expect(message).not.toMatch(/secret|topic|off|ret@/);
});

test("MQTT.js gets no URL, which it would split at the wrong colon, and no path where there is none", () => {
  expect(mqttOptions(parseBrokerUrl("mqtt://me:a:b@[::1]"))).toEqual({
    protocol: "mqtt",
    host: "::1",
    port: 1883,
    username: "me",
    password: "a:b",
  });
  expect(mqttOptions(parseBrokerUrl("ws://[::1]/mqtt"))).toEqual({
    protocol: "ws",
    hostname: "[::1]",
    port: 80,
    path: "/mqtt",
  });
});
