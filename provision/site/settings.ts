import { checkChosen } from "../../agent/settings/chosen.js";
import { decodeText, firstLine } from "../../text/decode.js";
import { OperationError } from "../events.js";
import type { Site } from "./site.js";

/** Reads a file that the site file names; undefined where there is none. */
export type ReadFile = (name: string) => Promise<Uint8Array | undefined>;

/** The settings of a site's boards, as agent/settings has them; secrets are read from their files. Throws OperationError `file`. */
export async function settingsOf(site: Site, read: ReadFile): Promise<object> {
  const { brokers, sensors, settings } = site;
  const all = {
    ...settings,
    network: site.site.network,
    ...(brokers !== undefined && {
      brokers: await Promise.all(brokers.map((broker) => brokerOf(broker, read))),
    }),
    ...(sensors !== undefined && { sensors: sensors.map(sensorOf) }),
  };
  try {
    checkChosen(all);
  } catch (error) {
    throw new OperationError(
      "provision",
      "file",
      (error as Error).message,
      "Mend [settings] in the site file.",
    );
  }
  return all;
}

export type SiteBroker = NonNullable<Site["brokers"]>[number];

/** A broker as boards are told of it. */
interface ToldBroker {
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  /** PEM. */
  readonly certificate?: string;
}

/** Reads what is in the files of one broker. Throws OperationError `file`. */
export async function brokerOf(broker: SiteBroker, read: ReadFile): Promise<ToldBroker> {
  const { host, port, user, password_file, certificate_file } = broker;
  return {
    host,
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(password_file !== undefined && { password: firstLine(await text(password_file, read)) }),
    ...(certificate_file !== undefined && { certificate: await text(certificate_file, read) }),
  };
}

function sensorOf({
  kind,
  options,
  interval,
  heartbeat,
  channels,
}: NonNullable<Site["sensors"]>[number]): object {
  return {
    kind,
    ...(options !== undefined && { options }),
    interval: 1000 * interval,
    ...(heartbeat !== undefined && { heartbeat: 1000 * heartbeat }),
    channels: channels.map(({ min: _min, max: _max, ...channel }) => channel),
  };
}

/** The Wi-Fi password in the file that the site file names. */
export async function wifiPassword(site: Site, read: ReadFile): Promise<string | undefined> {
  const file = site.wifi?.password_file;
  return file === undefined ? undefined : firstLine(await text(file, read));
}

async function text(name: string, read: ReadFile): Promise<string> {
  const bytes = await read(name);
  if (bytes === undefined)
    throw new OperationError(
      "provision",
      "file",
      `${name}: there is no such file`,
      "The site file names it.",
    );
  try {
    return decodeText(bytes);
  } catch (error) {
    const { message } = error as Error;
    throw new OperationError("provision", "file", `${name}: ${message}`, "The site file names it.");
  }
}
