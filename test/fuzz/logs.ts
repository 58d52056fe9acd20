import { InputError } from "../../agent/input-error.js";
import { readCosignerAnswer, writeAddCheckpoint } from "../../network/log/add-checkpoint.js";
import { readBundle } from "../../network/log/bundle.js";
import { Cosigner } from "../../network/log/cosign.js";
import { isFork } from "../../network/log/fork.js";
import { readForkFile, writeForkFile } from "../../network/log/fork-file.js";
import { createKeptCheckpoints } from "../../network/log/kept-checkpoints.js";
import { createLog } from "../../network/log/log.js";
import { parseSignatures } from "../../network/log/note.js";
import { readVerifierKey, verifierKeyText } from "../../network/log/note-key.js";
import { readTilePath } from "../../network/log/tile.js";
import { Watch } from "../../network/log/watch.js";
import { noteChecker as checker } from "../../node/ports/note-keys.js";
import { below, hostileInput, type Prng } from "../agent/frame/mutate.js";
import { entriesOf, memoryLogFiles, noteKey, utf8 } from "../support/logs.js";
import { Party, peerOf } from "../support/peers.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { mutatedText } from "./hostile.js";
import { refusable, type Target } from "./run.js";

const ORIGIN = "peer.example/log";

/** What one witness sends another about its log: checkpoints, requests, answers, files. */
export function logTarget(): Target {
  const contents = new Map<string, Uint8Array>();
  const log = createLog({ files: memoryLogFiles(contents), checker, origin: ORIGIN, key: noteKey(ORIGIN) });
  const notes = [5, 300].map((size) => {
    log.append(entriesOf(log.size, size));
    return log.checkpoint;
  });
  const [older, newer] = notes as [Uint8Array, Uint8Array];
  const requests = [writeAddCheckpoint(0, [], older), writeAddCheckpoint(5, log.consistency(5), newer)];
  const cosigner = new Cosigner({
    checker,
    clock: new VirtualClock(),
    name: "cosigner.example",
    key: noteKey("cosigner"),
    logs: [log.key],
    kept: createKeptCheckpoints(memoryLogFiles(), checker),
  });
  const lines = cosigner.addCheckpoint(requests[0] as Uint8Array).body;
  const files = [...contents.values()];
  const texts = [verifierKeyText(log.key), lines, ...contents.keys()];

  const own = new Party("own.example", [ORIGIN]);
  const evidence = writeForkFile({ older, newer, hashes: log.consistency(5) }, log.key);
  function readFork(text: string) {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return;
    }
    const read = readForkFile(json, checker, "file");
    isFork(read.evidence, read.key, checker);
  }

  return {
    name: "log",
    share: 2,
    async input(random: Prng) {
      cosigner.addCheckpoint(hostileInput(random, requests));
      readCosignerAnswer(random() < 0.5 ? 200 : 409, hostileInput(random, [utf8(lines), utf8("5\n")]));
      const text = mutatedText(random, texts);
      refusable(() => readVerifierKey(checker, text), InputError);
      refusable(() => parseSignatures(text), InputError);
      readTilePath(text);
      readBundle(hostileInput(random, files), below(random, 257));
      isFork({ older: hostileInput(random, notes), newer, hashes: log.consistency(5) }, log.key, checker);
      const file = mutatedText(random, [evidence]);
      refusable(() => readFork(file), InputError);
      const { peer } = peerOf(own, new Party(ORIGIN, [own.log.key.name]), {
        log: async () => hostileInput(random, [...files, ...notes]),
        ask: async () => ({
          status: random() < 0.5 ? 200 : 409,
          body: hostileInput(random, [utf8(lines), utf8("1\n")]),
        }),
      });
      await peer.look();
      await peer.ask(own.log, [cosigner.key]);
      const watch = new Watch({
        checker,
        key: log.key,
        kept: createKeptCheckpoints(memoryLogFiles(), checker),
        fetch: async () => hostileInput(random, files),
      });
      await watch.see(older);
      await watch.see(random() < 0.5 ? newer : hostileInput(random, notes));
    },
  };
}
