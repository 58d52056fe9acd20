import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { verifierKeyText } from "../../../network/log/note-key.js";
import { parseConfig, readConfig } from "../../../node/witness/config.js";
import { initWitness } from "../../../node/witness/init.js";
import { peerLine } from "../../../node/witness/peer-config.js";
import { temporaryFolder } from "../../support/cli.js";

function made(name: string) {
  const folder = temporaryFolder();
  const brokers = [{ url: "mqtt://localhost" }];
  const file = initWitness({ folder, network: "demo", name, brokers, registry: "registry.json" });
  return { folder, config: readConfig(file), text: readFileSync(file, "utf8"), file };
}

const own = made("own.example/log");
const theirs = made("theirs.example/log");
const line = peerLine(theirs.config, "https://theirs.example");
const withPeers = (...lines: string[]) =>
  parseConfig(own.text.replace("peers = [\n", `peers = [\n${lines.join("\n")}\n`), own.file).peers;

describe("peers in a witness's configuration", () => {
  test("are none at first, and its three keys are there", () => {
    expect([own.config.peers, own.config.watch]).toEqual([[], 60]);
    for (const file of [own.config.keyFile, own.config.logKeyFile, own.config.cosignerKeyFile])
      expect([file, existsSync(file)]).toEqual([join(own.folder, file.slice(own.folder.length)), true]);
  });

  test("are named by the line that each prints, which has no secret", () => {
    const [peer, ...more] = withPeers(line);
    expect(more).toEqual([]);
    expect([peer?.url, peer?.key.name, peer?.cosignerKey?.name]).toEqual([
      "https://theirs.example",
      "theirs.example/log",
      "theirs.example/log",
    ]);
    expect(line).toContain(verifierKeyText(peer!.key));
    for (const file of [theirs.config.logKeyFile, theirs.config.cosignerKeyFile]) {
      const { d } = JSON.parse(readFileSync(file, "utf8"));
      expect(line).not.toContain(Buffer.from(d, "base64url").toString("base64"));
    }
  });

  test("may stand in tables of their own, and without a cosigner", () => {
    const key = verifierKeyText(withPeers(line)[0]!.key);
    const text = `${own.text.replace(/peers = \[\n\]\n/, "")}\n[[peers]]\nurl = "http://h:1/w/"\nkey = "${key}"\n`;
    expect(parseConfig(text, own.file).peers).toMatchObject([
      { url: "http://h:1/w", cosignerKey: undefined },
    ]);
  });

  test.each([
    ["twice", [line, line], "is there twice"],
    ["this witness itself", [peerLine(own.config, "http://localhost")], "or is this witness itself"],
    ["at no address", [line.replace("https://theirs", "theirs")], "url: take one like"],
    ["at one with a password", [line.replace("https://", "https://u:secret@")], "url: take one like"],
    ["at another protocol", [line.replace("https:", "file:")], "url: take one like"],
    ["by a damaged key", [line.replace(/\+[0-9a-f]/, "+g")], "key: not a verifier key"],
    ["by another's id", [line.replaceAll("theirs.example/log+", "thieves.example/log+")], "does not belong"],
    [
      "by keys that are mixed up",
      [line.replace("cosigner_key", "x").replace("key =", "cosigner_key =").replace("x =", "key =")],
      "this is the key of a cosigner, not of a log",
    ],
    ["with more", [line.replace("{", '{ password = "x",')], "password"],
  ])("are refused %s", (_what, lines, words) => {
    expect(() => withPeers(...lines)).toThrow(words);
    try {
      withPeers(...lines);
    } catch (error) {
      expect((error as Error).message).not.toContain("secret");
    }
  });
});
