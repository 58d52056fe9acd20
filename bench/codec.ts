import secp256k1 from "secp256k1";
import { hex, kidOfKey } from "../agent/cose/kid.js";
import { createFrameChecker } from "../agent/frame/check.js";
import { parseFrame } from "../agent/frame/parse.js";
import { type FrameHeader, FrameWriter } from "../agent/frame/write.js";
import type { SignatureChecker } from "../agent/ports/signer.js";
import { Judge } from "../network/verify/judge.js";
import { createRegistry } from "../network/verify/registry.js";
import type { Verify } from "../node/checker-addon.js";
import {
  checkerName,
  createSigner,
  keyReader,
  signatureChecker,
  uncompressedKey,
  verifyByNpm,
} from "../node/ports/signer.js";
import { BenchBoard } from "./board.js";
import { frameSizes } from "./frame-sizes.js";
import { against, compare, type Figure, type Measure, rateOf, type Section } from "./harness.js";
import { buildNative } from "./native.js";

const NETWORK = "demo";
const SLICE_MS = 20;
const ROUNDS = 61;
/** Frames that take turns, so that no run is over the same bytes again and again. */
const FRAMES = 64;
/** Of the rate of the library in C with a parsed key, from a broker's bytes to a judged frame. */
const VERIFY_GOAL = 0.9;

const privateKey = new Uint8Array(32).fill(1);

/** Readings in, signed frames out; frames in, verdicts out: on one core. */
export function codecSection(root: URL): Section {
  return { name: "codec", run: () => run(root) };
}

async function run(root: URL): Promise<Figure[]> {
  const signer = createSigner(privateKey);
  const kid = kidOfKey(signer.publicKey, signer);
  const writer = new FrameWriter(NETWORK, kid, 1024);
  const write = (sequence: number) => {
    writer.begin(header(sequence), 1);
    writer.reading("temperature", "Cel", 2000 + (sequence % 1000), -2, 0);
    return writer.finish(signer);
  };
  const frames = Array.from({ length: FRAMES }, (_, sequence) => write(sequence).slice());
  const signed = signaturesOf(frames, signer.publicKey);
  const at = <T>(list: readonly T[], index: number) => list[index % FRAMES] as T;

  const registry = new Map([[hex(kid), uncompressedKey(signer.publicKey)]]);
  const checker = createFrameChecker(
    { network: NETWORK, publicKey: (id) => registry.get(hex(id)) },
    signatureChecker,
  );
  const key = uncompressedKey(signer.publicKey);
  const bareVerify = (publicKey: Uint8Array) =>
    timed((index) => {
      const { signature, digest } = at(signed, index);
      must(secp256k1.ecdsaVerify(signature, digest, publicKey));
    });
  const digest = new Uint8Array(32);
  const native = buildNative(root);
  const nativeMeasure = "missing" in native ? undefined : native.measure;

  const rates = await compare(
    {
      write: timed((index) => write(index)),
      sign: timed((index) => secp256k1.ecdsaSign(at(signed, index).digest, privateKey)),
      check: timed((index) => must("frame" in checker.check(at(frames, index)))),
      verifyCompressed: bareVerify(signer.publicKey),
      verifyUncompressed: bareVerify(key),
      verifyHere: timed((index) => {
        const { signature, digest } = at(signed, index);
        must(signatureChecker.verify(signature, digest, key));
      }),
      judge: () => judgeRate(signatureChecker.verify),
      judgeByNpm: () => judgeRate(verifyByNpm),
      parse: timed((index) => must("frame" in parseFrame(at(frames, index)))),
      sha256: timed((index) => signer.sha256(at(frames, index), digest, 0)),
      nativeSign: () => nativeMeasure?.("sign", SLICE_MS) ?? 0,
      nativeParsed: () => nativeMeasure?.("verify-parsed", SLICE_MS) ?? 0,
      nativeCompressed: () => nativeMeasure?.("verify-compressed", SLICE_MS) ?? 0,
    },
    { rounds: ROUNDS },
  );

  const perSecond = (name: string, value: number, unit = "/s") => ({ name, value, unit });
  const check = perSecond("strict parse + verify", rates.check, "frames/s");
  const bareSign = perSecond("npm ecdsaSign", rates.sign);
  const bareCompressed = perSecond("npm ecdsaVerify, 33-byte key", rates.verifyCompressed);
  const bareUncompressed = perSecond("npm ecdsaVerify, 65-byte key", rates.verifyUncompressed);
  const whole = perSecond("verify, whole path: judge with the chain", rates.judge, "frames/s");
  const wholeByNpm = perSecond("the same by npm secp256k1", rates.judgeByNpm, "frames/s");
  const bareHere = perSecond(`verify alone, ${checkerName()}`, rates.verifyHere);
  const parsed = perSecond("libsecp256k1, parsed key", rates.nativeParsed);
  return [
    against(perSecond("encode + sign, one reading", rates.write, "frames/s"), bareSign),
    against(check, bareCompressed),
    against(check, bareUncompressed),
    ...(nativeMeasure === undefined
      ? [{ name: "libsecp256k1 (C)", unit: "/s", note: "missing" in native ? native.missing : "" }]
      : [
          against(whole, parsed, VERIFY_GOAL),
          against(wholeByNpm, parsed),
          against(bareHere, parsed),
          against(check, parsed),
          against(bareUncompressed, parsed),
          against(bareCompressed, perSecond("libsecp256k1, 33-byte key", rates.nativeCompressed)),
          against(bareSign, perSecond("libsecp256k1, sign", rates.nativeSign)),
        ]),
    against(whole, bareUncompressed),
    perSecond("strict parse alone", rates.parse, "frames/s"),
    perSecond(`SHA-256 of a frame of ${at(frames, 0).length} bytes`, rates.sha256),
    ...frameSizes(),
  ];
}

/** Frames that a judge has not seen, so that it cannot take them for duplicates. */
const CHAIN = 256;

function judgeRate(verify: Verify): number {
  const board = new BenchBoard(NETWORK);
  const frames = Array.from({ length: CHAIN }, () => board.next().slice());
  const judge = new Judge({
    registry: createRegistry(board.registry, keyReader, "registry"),
    signatures: { sha256: signatureChecker.sha256, verify },
    now: Date.now,
    keep() {},
    judged: ({ ok }) => must(ok),
  });
  const start = cpuTime();
  for (const frame of frames) judge.receive(frame);
  return (CHAIN * 1000) / (cpuTime() - start);
}

function header(sequence: number): FrameHeader {
  const prev = new Uint8Array(16).fill(sequence & 0xff);
  return {
    boot: 300,
    sequence,
    prev,
    uptime: 70000 + sequence,
    clock: 2,
    time: 1795000000,
    configuration: "c0f1c0f1c0f1c0f1",
    dropped: [],
  };
}

/** What the bare calls get: the same signatures and digests as the checker computes. */
function signaturesOf(frames: readonly Uint8Array[], publicKey: Uint8Array) {
  const found: { signature: Uint8Array; digest: Uint8Array }[] = [];
  const recorder: SignatureChecker = {
    sha256: signatureChecker.sha256,
    verify(signature, digest) {
      found.push({ signature: signature.slice(), digest: digest.slice() });
      return true;
    },
  };
  const checker = createFrameChecker({ network: NETWORK, publicKey: () => publicKey }, recorder);
  for (const frame of frames) must("frame" in checker.check(frame));
  return found;
}

function timed(operation: (index: number) => void): Measure {
  return () => rateOf(operation, SLICE_MS, cpuTime);
}

/** Milliseconds of this process, as native/verify.c counts them: whoever else works here takes none of them. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function must(fine: boolean): void {
  if (!fine) throw new Error("a frame of our own was refused: the figures would mean nothing");
}
