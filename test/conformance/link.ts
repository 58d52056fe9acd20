import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Link } from "../../agent/ports/link.js";

/** What the suite asks of a broker and of time, for one binding of the port. */
export interface LinkBinding {
  /** One more link to the same broker, with a client identifier of its own. */
  link(): Link;
  /**
   * What a subscriber got from the broker, in order. `topic`: left out where the binding does not
   * say it.
   */
  readonly got: readonly { readonly topic?: string; readonly payload: Uint8Array }[];
  /** Ends all sessions at once, and takes none until `restart`. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Waits until it is so; for ever, where it never is. */
  until(isSo: () => boolean): Promise<void>;
  /** Time enough for whatever is still to come. */
  pass(): Promise<void>;
  close(): Promise<void>;
}

export const TOPIC = "fieldmark/1/demo/0011223344556677/frame";

/** What every binding of Link must do (agent/ports/link.ts). */
export function describeLink(name: string, make: () => Promise<LinkBinding>): void {
  describe(`a link: ${name}`, () => {
    let binding: LinkBinding;
    let link: Link;
    let said: string[];
    let isCalling = false;

    beforeAll(async () => {
      binding = await make();
    });
    afterAll(() => binding.close());
    beforeEach(() => {
      link = binding.link();
      said = [];
    });
    afterEach(() => link.close());

    const say = (what: string) => said.push(isCalling ? `${what} from inside a call` : what);
    /**
     * Every request to the link goes through here: the link may answer, but not from inside the
     * call.
     */
    const call = (work: () => void) => {
      isCalling = true;
      work();
      isCalling = false;
    };
    const open = (as = "") =>
      call(() =>
        link.open({
          opened: () => say(`${as}opened`),
          acknowledged: (id) => say(`${as}acknowledged ${id}`),
          refused: (id, reason) => say(`${as}refused ${id}${reason === "" ? " without a word" : ""}`),
          closed: (reason) => say(`${as}closed${reason === "" ? " without a word" : ""}`),
        }),
      );
    const publish = (id: number, payload: Uint8Array) => call(() => link.publish(id, TOPIC, payload, false));
    const isSaid = (what: string) => binding.until(() => said.includes(what));

    test("opens, once, and publishes: the broker has the bytes, and the number comes back", async () => {
      open();
      await isSaid("opened");
      const before = binding.got.length;
      const frames = [1, 2, 3].map((id) => new Uint8Array(160).fill(id));
      for (const [at, frame] of frames.entries()) publish(at + 1, frame);
      await binding.until(() => said.length === 4);
      expect(said.slice(1).sort()).toEqual(["acknowledged 1", "acknowledged 2", "acknowledged 3"]);
      await binding.until(() => binding.got.length >= before + 3);
      const got = binding.got.slice(before);
      expect(got.map(({ topic = TOPIC }) => topic)).toEqual([TOPIC, TOPIC, TOPIC]);
      expect(got.map(({ payload }) => Uint8Array.from(payload))).toEqual(frames);
    });

    test("keeps nothing of the bytes that it was given", async () => {
      open();
      await isSaid("opened");
      const before = binding.got.length;
      const frame = new Uint8Array(160).fill(7);
      publish(1, frame);
      frame.fill(0);
      await binding.until(() => binding.got.length > before);
      expect(binding.got[before]?.payload[80]).toBe(7);
    });

    test("what was closed is not called back, nor is what was closed twice, or never opened", async () => {
      call(() => link.close());
      open();
      await isSaid("opened");
      publish(1, Uint8Array.of(1));
      call(() => link.close());
      call(() => link.close());
      await binding.pass();
      expect(said).toEqual(["opened"]);
    });

    test("closed while it opens and opened again, it opens once", async () => {
      open("first ");
      call(() => link.close());
      open("second ");
      await isSaid("second opened");
      publish(9, Uint8Array.of(9));
      await isSaid("second acknowledged 9");
      expect(said).toEqual(["second opened", "second acknowledged 9"]);
    });

    test("a broker that is killed ends the session, with a reason; nothing follows, and it can be opened again", async () => {
      open();
      await isSaid("opened");
      await binding.kill();
      await isSaid("closed");
      await binding.pass();
      expect(said).toEqual(["opened", "closed"]);
      open("again ");
      await isSaid("again closed");
      await binding.restart();
      open("later ");
      await isSaid("later opened");
      expect(said).toEqual(["opened", "closed", "again closed", "later opened"]);
    });

    test("its name is the broker's, and tells no password", () => {
      expect(link.name).toBe(binding.link().name);
      expect(link.name).not.toContain("secret");
    });
  });
}
