import { hex } from "../../../agent/cose/kid.js";
import { signedPosition } from "../signed-position.js";
import { frameName, type Oracle, type OracleContext, timeText } from "./oracle.js";

/** A board signs once for a boot and a sequence, and takes no boot number twice. Nothing leaves it that is not durable. */
export function equivocation({ ledgers, fail }: OracleContext): Oracle {
  const name = "equivocation";
  return {
    name,
    booted(board, boot) {
      const last = ledgers[board]?.boots.at(-1) ?? 0;
      if (boot <= last) fail(name, board, `boot number ${boot} comes after boot number ${last}`);
    },
    signing(board, position, _losses, digest) {
      const record = ledgers[board]?.find(position);
      if (record === undefined || record.digest === hex(digest)) return;
      const before = timeText(record.signedAt);
      fail(name, board, `${frameName(board, position)} is signed with other bytes than at ${before}`);
    },
    sent(board, _broker, _id, frame) {
      const position = signedPosition(frame);
      const record = ledgers[board]?.find(position);
      const what = frameName(board, position);
      if (record === undefined) {
        fail(name, board, `${what} leaves the board and was never signed`);
        return;
      }
      const isOfThisBoot = ledgers[board]?.boots.at(-1) === position.boot;
      if (record.durableAt < 0 && isOfThisBoot)
        fail(name, board, `${what} leaves the board before it is durable`);
      const signature = latin1Signature(frame);
      if (record.signature !== "" && record.signature !== signature)
        fail(name, board, `${what} leaves the board with other bytes than before`);
    },
  };
}

const SIGNATURE_BYTES = 64;

/** The last bytes of a frame, a character a byte. The signature is deterministic: other bytes have another. */
export function latin1Signature(frame: Uint8Array): string {
  const start = frame.length - SIGNATURE_BYTES;
  return Buffer.from(frame.buffer, frame.byteOffset + start, SIGNATURE_BYTES).toString("latin1");
}
