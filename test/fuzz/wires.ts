import { CHIP_MODELS } from "../../host-sim/virtual-board/rom/chips.js";
import * as rom from "../../host-sim/virtual-board/rom/commands.js";
import { FlashChip } from "../../host-sim/virtual-board/rom/flash-chip.js";
import { RomLoader } from "../../host-sim/virtual-board/rom/loader.js";
import { slipPacket } from "../../host-sim/virtual-board/rom/slip.js";
import { TelnetReader } from "../../provision/telnet.js";
import { below, mutated, type Prng, pick } from "../agent/frame/mutate.js";
import { hostileNumber } from "./hostile.js";
import type { Target } from "./run.js";

/** No option of a serial port over TCP says more. */
const LONGEST = 512;

/** A server of serial ports over TCP, or a client of the simulated board. */
export function telnetTarget(): Target {
  const said = Uint8Array.of(0xff, 0xfb, 0x2c, 0xff, 0xfa, 0x2c, 0x65, 0, 1, 0xc2, 0, 0xff, 0xf0, 0x41);
  const reader = new TelnetReader({
    data: () => {},
    option: () => {},
    subnegotiation(bytes) {
      if (bytes.length > LONGEST) throw new Error(`a subnegotiation of ${bytes.length} bytes`);
    },
  });
  return {
    name: "telnet",
    share: 1,
    input(random) {
      reader.received(mutated(random, said, [said]));
      if (random() < 0.2)
        reader.received(new Uint8Array(below(random, 2000)).fill(pick(random, [0xff, 0x2c])));
    },
  };
}

const COMMANDS = Object.values(rom).filter((value) => typeof value === "number");

/** What anybody may write to the loader in a simulated chip's ROM. */
export function romTarget(): Target {
  const loader = new RomLoader(
    CHIP_MODELS.esp32c3,
    new FlashChip(1 << 20),
    Uint8Array.of(0x34, 0x85, 0x18, 1, 2, 3),
  );
  const request = (random: Prng) => {
    const words = Array.from({ length: below(random, 8) }, () =>
      random() < 0.5 ? below(random, 0x20000) : hostileNumber(random) >>> 0,
    );
    const packet = new Uint8Array(8 + 4 * words.length + below(random, 64));
    const view = new DataView(packet.buffer);
    view.setUint8(1, random() < 0.9 ? pick(random, COMMANDS) : below(random, 256));
    view.setUint16(2, packet.length - 8, true);
    view.setUint32(4, random() < 0.5 ? 0xef : below(random, 256), true);
    words.forEach((word, i) => {
      view.setUint32(8 + 4 * i, word, true);
    });
    return packet;
  };
  return {
    name: "rom",
    share: 1,
    input(random) {
      const packet = request(random);
      loader.received(slipPacket(random() < 0.7 ? packet : mutated(random, packet, [packet])));
    },
  };
}
