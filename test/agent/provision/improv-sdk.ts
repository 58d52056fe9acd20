import { buildSync } from "esbuild";
import type { ImprovSerial } from "improv-wifi-serial-sdk/dist/serial.js";
import type { Wire } from "../../../provision/wire.js";

interface Sdk {
  readonly ImprovSerial: new (port: object, logger: object) => ImprovSerial;
}

/** npm's improv-wifi-serial-sdk as it is: its modules name one another without endings, which Node does not take. */
function load(): Sdk {
  const { outputFiles } = buildSync({
    entryPoints: [require.resolve("improv-wifi-serial-sdk/dist/serial.js")],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
  });
  const module = { exports: {} as Sdk };
  new Function("module", "exports", outputFiles[0]?.text ?? "")(module, module.exports);
  return module.exports;
}

let sdk: Sdk | undefined;

/** What the client complained of. */
export interface SdkClient {
  readonly client: ImprovSerial;
  readonly complaints: string[];
}

/** The client of others, on a wire: what it takes for Web Serial's port are streams over it. */
export function connectSdk(wire: Wire): SdkClient {
  sdk ??= load();
  const complaints: string[] = [];
  const readable = new ReadableStream<Uint8Array>({
    start: (controller) => void wire.receive((data) => controller.enqueue(data)),
  });
  const writable = new WritableStream<Uint8Array>({ write: (data) => wire.write(data) });
  const logger = { log() {}, debug() {}, error: (...said: unknown[]) => complaints.push(said.join(" ")) };
  return { client: new sdk.ImprovSerial({ readable, writable }, logger), complaints };
}
