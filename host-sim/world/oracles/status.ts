import type { Status } from "../../../agent/status.js";
import { boardName } from "../plan.js";
import type { Oracle, OracleContext } from "./oracle.js";

/** Milliseconds from one status message to the next over an open session, at most. */
const LIMIT = 65_000;
/** Seconds by which an age may be off: parts of seconds, and readings that waited for others before the signature. */
const TOLERANCE = 4;
/** Acknowledgements of an earlier boot that may not be written down, at most: such frames wait again. */
const UNRECORDED = 16;

/** What one board has told in this boot. */
class Book {
  /** When this boot began. */
  since = 0;
  /** Frames that wait, as far as they are not lost: so many at least and at most; and those of earlier boots, at most. */
  least = 0;
  most = 0;
  inherited = 0;
  /** Frames of earlier boots that were known to be lost when this one began, at most. */
  lost = 0;
  failedSectors = 0;
  /** Frames that the newest signature declares lost, until such a frame is acknowledged. */
  declared = 0;
  /** A status said that something is lost, and no frame that declares anything was acknowledged since. */
  isOwing = false;
  /** Sequences of frames that declare something, and wait. */
  readonly declaring = new Set<number>();
  /** By broker: since when the session is open, or when the last status left over it. */
  readonly heardAt = new Map<string, number>();
}

/** What a board says of itself to operators is true, and comes when it should. */
export function status({ world, ledgers, fail, now }: OracleContext): Oracle {
  const name = "status";
  const books = new Map(world.boards.map(({ number }) => [number, new Book()]));
  const bookOf = (board: number) => books.get(board) as Book;

  /** Ages that are possible, in seconds. */
  function ages(board: number, boot: number, uptime: number, dropped: number): [least: number, most: number] {
    const oldest = ledgers[board]?.oldestWaiting();
    const isInherited = bookOf(board).inherited > 0;
    const own = oldest?.boot === boot ? (now() - oldest.signedAt) / 1000 : uptime;
    const isUnsure = isInherited || dropped > 0 || oldest === undefined;
    return [isUnsure ? 0 : Math.min(own, uptime) - TOLERANCE, isInherited ? uptime : own + TOLERANCE];
  }

  function wrong(board: number, broker: string, said: Status): string | undefined {
    const book = bookOf(board);
    const boot = ledgers[board]?.boots.at(-1) ?? 0;
    const it = world.boardOf(boardName(board));
    const uptime = Math.floor((it?.clock?.uptime() ?? 0) / 1000);
    const open = (it?.links ?? []).filter(({ isOpen }) => isOpen).map((link) => link.name);
    if (said.state !== "online") return `state ${said.state}`;
    if (said.boot !== boot) return `boot ${said.boot} in boot ${boot}`;
    if (said.uptime !== uptime) return `uptime ${said.uptime} after ${uptime} s`;
    if (said.flash !== book.failedSectors)
      return `${said.flash} failures of sectors, of ${book.failedSectors}`;
    if (!said.brokers.includes(broker)) return `brokers ${said.brokers.join()} to ${broker}`;
    if (!said.brokers.every((one) => open.includes(one)))
      return `brokers ${said.brokers.join()} where sessions are open with ${open.join()}`;
    if (said.dropped < book.declared)
      return `${said.dropped} frames dropped, where it has just declared ${book.declared}`;
    const least = book.least - said.dropped;
    if (said.queue < least || said.queue > book.most)
      return `a queue of ${said.queue}, where ${Math.max(0, least)} to ${book.most} wait`;
    const [young, old] = ages(board, boot, uptime, said.dropped);
    if (said.queue === 0 ? said.oldest !== 0 : said.oldest < young || said.oldest > old)
      return `${said.oldest} s for the oldest frame, which is ${Math.round(young)} to ${Math.round(old)} s old`;
    return undefined;
  }

  return {
    name,
    cut(board) {
      books.set(board, new Book());
    },
    signing(board, { boot, sequence }, losses) {
      const book = bookOf(board);
      if (book.isOwing && losses.length === 0)
        fail(name, board, "its status said that frames were lost, and the next frame declares none");
      book.declared = 0;
      book.isOwing = false;
      if (losses.length > 0) book.declaring.add(sequence);
      for (const { boot: of, first, last } of losses) {
        book.declared += last - first + 1;
        for (let at = first; at <= last; at++) {
          const record = ledgers[board]?.find({ boot: of, sequence: at });
          if (record === undefined || record.isGone || record.durableAt < 0) continue;
          if (record.acknowledgedAt >= book.since) continue;
          book.least--;
          // It may have waited again: a journal that is full writes no acknowledgements down.
          if (record.acknowledgedAt >= 0) continue;
          if (of === boot) book.most--;
          else if (book.lost > 0) book.lost--;
          else {
            book.most--;
            book.inherited--;
          }
        }
      }
    },
    told(board, event) {
      const book = bookOf(board);
      switch (event.type) {
        case "recovered":
          book.since = now();
          book.least = event.pending - UNRECORDED;
          book.most = event.pending;
          book.inherited = event.pending;
          book.lost = Math.max(0, (ledgers[board]?.waiting ?? 0) + UNRECORDED - event.pending);
          break;
        case "signed":
          book.least++;
          book.most++;
          break;
        case "acknowledged":
          book.least--;
          book.most--;
          if (event.position.boot !== ledgers[board]?.boots.at(-1)) book.inherited--;
          if (event.position.boot !== ledgers[board]?.boots.at(-1)) break;
          if (!book.declaring.delete(event.position.sequence)) break;
          book.declared = 0;
          book.isOwing = false;
          break;
        case "sector-failed":
          book.failedSectors++;
          break;
        case "link-opened":
          book.heardAt.set(event.link, now());
          break;
        case "link-closed":
          book.heardAt.delete(event.link);
          break;
        default:
      }
    },
    reported(board, broker, bytes) {
      const book = bookOf(board);
      const link = world.brokers[broker]?.name ?? "";
      const said = JSON.parse(Buffer.from(bytes).toString("latin1")) as Status;
      const untrue = wrong(board, link, said);
      if (untrue !== undefined) fail(name, board, `its status says ${untrue}`);
      if (said.dropped > 0) book.isOwing = true;
      book.heardAt.set(link, now());
    },
    tick() {
      for (const { number, isOn } of world.boards)
        for (const [link, at] of isOn ? bookOf(number).heardAt : [])
          if (now() - at > LIMIT)
            fail(name, number, `it has sent ${link} no status for ${Math.round((now() - at) / 1000)} s`);
    },
  };
}
