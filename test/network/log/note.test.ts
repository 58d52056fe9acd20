import { describe, expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import { checkpointText, readCheckpoint } from "../../../network/log/checkpoint.js";
import { addCosignatures } from "../../../network/log/cosignatures.js";
import { parseNote, readNote, signatureLine, writeNote } from "../../../network/log/note.js";
import {
  COSIGNATURE,
  createVerifierKey,
  ED25519,
  readVerifierKey,
  verifierKeyText,
} from "../../../network/log/note-key.js";
import { cosignText, signText, verifiedSignatures } from "../../../network/log/note-signature.js";
import { noteChecker as checker, createNoteKey } from "../../../node/ports/note-keys.js";
import { hexOf } from "../../support/frames.js";
import { noteKey, utf8 } from "../../support/logs.js";

/** C2SP signed-note, "Example". */
const FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const FOO_NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;
/** golang.org/x/mod, sumdb/note/note_test.go: two keys, the private one of the first, and what they signed. */
const PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_SKEY = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const TEXT = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.
`;
const BY_PETER =
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const BY_ENOCH =
  "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
/** Go's checksum database, a checkpoint of its own (FiloSottile/torchwood, cmd/litewitness/testdata/sumdb.txt). */
const SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
const SUMDB_NOTE = `go.sum database tree
35225469
vt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=

— sum.golang.org Az3grpukl5AXaVfYkLiDGORx/DN2nlcS5kZHR5uYOBV2KA2HgXpD+gu9HHONebHLAyaKbbTM75QTtPydhKCExixSfwQ=
`;

const peter = readVerifierKey(checker, PETER);
const enoch = readVerifierKey(checker, ENOCH);
const verified = (note: string, keys = [peter]) => {
  const found = verifiedSignatures(readNote(utf8(note)), keys, checker);
  return found === "wrong" ? found : found.map(({ name }) => name);
};

describe("verifier keys", () => {
  test.each([FOO, PETER, ENOCH, SUMDB])("%s is read and written", (text) => {
    expect(verifierKeyText(readVerifierKey(checker, text))).toBe(text);
  });

  test("no part of one, and none with one character changed, is one", () => {
    const others: string[] = [
      "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
      "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
      PETER.replace("c74f20a3", "C74F20A3"),
      `${PETER}\n`,
    ];
    for (let from = 0; from < PETER.length; from++) {
      others.push(PETER.slice(0, from), PETER.slice(from + 1));
      const next = String.fromCharCode(PETER.charCodeAt(from) + 1);
      others.push(PETER.slice(0, from) + next + PETER.slice(from + 1));
    }
    for (const text of others) expect(() => readVerifierKey(checker, text)).toThrow(InputError);
  });

  test("of a cosigner have another id than the log's of the same name and key", () => {
    const { publicKey } = noteKey("a");
    const ids = [ED25519, COSIGNATURE] as const;
    const [log, cosigner] = ids.map((type) => createVerifierKey(checker, "a", type, publicKey));
    expect(log?.id).not.toBe(cosigner?.id);
    if (cosigner) expect(readVerifierKey(checker, verifierKeyText(cosigner))).toEqual(cosigner);
  });

  test.each(["", "a b", "a+b", "a\u2003b", "a\u0085", "a\nb", "\ud800"])("%j is no name", (name) => {
    expect(() => createVerifierKey(checker, name, ED25519, new Uint8Array(32))).toThrow(InputError);
  });
});

describe("a note", () => {
  test("that others signed is verified, whoever else signed it", () => {
    expect(verified(FOO_NOTE, [readVerifierKey(checker, FOO)])).toEqual(["example.com/foo"]);
    expect(verified(`${TEXT}\n${BY_PETER}${BY_ENOCH}`)).toEqual(["PeterNeumann"]);
    expect(verified(`${TEXT}\n${BY_ENOCH}${BY_PETER}`, [peter, enoch])).toEqual([
      "EnochRoot",
      "PeterNeumann",
    ]);
    expect(verified(`${TEXT}\n${BY_PETER}`, [enoch])).toEqual([]);
  });

  test("is signed as others sign it", () => {
    const seed = Buffer.from(PETER_SKEY, "base64").subarray(1);
    expect(signatureLine(signText(TEXT, peter, createNoteKey(seed)))).toBe(BY_PETER);
  });

  test("with a wrong signature of a known key is refused, whatever else is on it", () => {
    expect(verified(`${TEXT}more\n\n${BY_PETER}`)).toBe("wrong");
    expect(verified(`${TEXT}\n${BY_PETER}${BY_PETER.replace("ZJk", "ZJl")}`)).toBe("wrong");
    expect(verified(`${TEXT}\n${BY_PETER}${BY_ENOCH.replace("zmZ", "zmY")}`)).toEqual(["PeterNeumann"]);
  });

  test("is written as it was read", () => {
    const note = `${TEXT}\n${BY_PETER}${BY_ENOCH}`;
    expect(writeNote(readNote(utf8(note)))).toEqual(utf8(note));
    expect(parseNote(`a\n\nb\n\n${BY_PETER}`).text).toBe("a\n\nb\n");
  });

  test.each([
    ["only text", TEXT],
    ["no signature", `${TEXT}\n`],
    ["no end of the last line", `${TEXT}\n${BY_PETER.slice(0, -1)}`],
    ["a control character", `\u0001${TEXT}\n${BY_PETER}`],
    ["a carriage return", `${TEXT}\n${BY_PETER}`.replaceAll("\n", "\r\n")],
    ["a name with a space", `${TEXT}\n${BY_PETER.replace("r", " ")}`],
    ["a name with a wide space", `${TEXT}\n${BY_PETER.replace("r", "\u3000")}`],
    ["a line that is none", `${TEXT}\n${BY_PETER}Unexpected line.\n`],
    ["another dash", `${TEXT}\n${BY_PETER.replace("—", "-")}`],
    ["no base64", `${TEXT}\n${BY_PETER.replace("=", "")}`],
    ["base64 of another form", `${TEXT}\n${BY_PETER.replace("nAM=", "nAN=")}`],
    ["an id alone", `${TEXT}\n— PeterNeumann x08gow==\n`],
    ["101 signatures", `${TEXT}\n${BY_PETER.repeat(101)}`],
    ["128 KiB", `${"a".repeat(128 * 1024)}\n\n${BY_PETER}`],
  ])("with %s is none", (_, note) => {
    expect(() => readNote(utf8(note))).toThrow(InputError);
  });

  test("is UTF-8", () => {
    expect(() => readNote(Uint8Array.of(0xff, ...utf8(FOO_NOTE)))).toThrow("UTF-8");
    expect(verified(`${TEXT}\n${BY_PETER.repeat(100)}`)).toHaveLength(100);
  });
});

describe("a cosignature", () => {
  const signer = noteKey("cosigner");
  const key = createVerifierKey(checker, "cosigner.example/1", COSIGNATURE, signer.publicKey);
  const text = "example.com/log\n1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
  const at = (time: number) => ({ text, signatures: [cosignText(text, time, key, signer)] });

  test("is over its time and the text", () => {
    const note = at(1_679_315_147);
    expect(verifiedSignatures(note, [key], checker)).toMatchObject([{ time: 1_679_315_147 }]);
    expect(verifiedSignatures({ ...note, text: `${text}x\n` }, [key], checker)).toBe("wrong");
    const [cosignature] = note.signatures;
    const { signature } = cosignature ?? { signature: new Uint8Array(0) };
    expect(signature).toHaveLength(72);
    // tlog-cosignature, "Ed25519 signed message".
    const message = utf8(`cosignature/v1\ntime 1679315147\n${text}`);
    expect(checker.verify(signature.subarray(8), message, key.publicKey)).toBe(true);
    expect(hexOf(signature.subarray(0, 8))).toBe("00000000641850cb");
  });

  test.each([0, 2 ** 53, 2 ** 63])("with the time %d is wrong", (time) => {
    expect(verifiedSignatures(at(time), [key], checker)).toBe("wrong");
  });

  test("is wrong where it is short, or a plain signature by the same key", () => {
    const [cosignature] = at(1).signatures;
    for (const signature of [Uint8Array.of(1), signer.sign(utf8(text)), new Uint8Array(71)])
      expect(
        verifiedSignatures({ text, signatures: [{ name: key.name, id: key.id, signature }] }, [key], checker),
      ).toBe("wrong");
    expect(cosignature?.id).toBe(key.id);
  });

  test("is added to its checkpoint, in place of an older one", () => {
    const logSigner = noteKey("example.com/log");
    const log = createVerifierKey(checker, "example.com/log", ED25519, logSigner.publicKey);
    const signed = writeNote({ text, signatures: [signText(text, log, logSigner)] });
    const line = (time: number) => signatureLine(cosignText(text, time, key, signer));
    const once = addCosignatures(signed, line(5), log, [key], checker);
    const twice = addCosignatures(once, line(6) + BY_ENOCH, log, [key], checker);
    expect(verifiedSignatures(readNote(twice), [log, key], checker)).toMatchObject([
      { name: log.name },
      { name: key.name, time: 6 },
    ]);
    expect(readNote(twice).signatures).toHaveLength(2);
    const wrong = signatureLine(cosignText(`${text}x\n`, 5, key, signer));
    for (const lines of [wrong, "", "x\n", line(5).slice(0, -1)])
      expect(() => addCosignatures(signed, lines, log, [key], checker)).toThrow(InputError);
  });
});

describe("a checkpoint", () => {
  test("that Go's checksum database signed is read", () => {
    expect(verified(SUMDB_NOTE, [readVerifierKey(checker, SUMDB)])).toEqual(["sum.golang.org"]);
    const checkpoint = readCheckpoint(readNote(utf8(SUMDB_NOTE)).text);
    expect(checkpoint).toMatchObject({ origin: "go.sum database tree", size: 35_225_469 });
    expect(`${checkpointText(checkpoint)}`).toBe(readNote(utf8(SUMDB_NOTE)).text);
  });

  test("may have more lines", () => {
    const root = "vt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=";
    expect(readCheckpoint(`a\n0\n${root}\nmore\n`)).toMatchObject({ origin: "a", size: 0 });
  });

  const ROOT = "vt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=";
  test.each([
    `a\n1\n${ROOT}`,
    `a\n1\n`,
    `\n1\n${ROOT}\n`,
    `a\n01\n${ROOT}\n`,
    `a\n-1\n${ROOT}\n`,
    `a\n1e3\n${ROOT}\n`,
    `a\n 1\n${ROOT}\n`,
    `a\n9007199254740992\n${ROOT}\n`,
    `a\n99999999999999999999\n${ROOT}\n`,
    `a\n1\n${ROOT} \n`,
    `a\n1\n${ROOT.slice(4)}\n`,
    `a\n1\n${ROOT}\n\nb\n`,
    `a\n1\n${ROOT}\n\n`,
  ])("%j is none", (text) => {
    expect(() => readCheckpoint(text)).toThrow(InputError);
  });
});
