import { hex, kidOfKey } from "../../../agent/cose/kid.js";
import { CLOCK_KEPT, type ClockState } from "../../../agent/frame/chain.js";
import { didOfKey } from "../../../agent/frame/identity.js";
import type { SignatureChecker, Signer } from "../../../agent/ports/signer.js";
import { Configuration } from "../../../agent/provision/configuration.js";
import type { FoundNetwork, ProvisioningHost } from "../../../agent/provision/host.js";
import { forgetOwner } from "../../../agent/provision/owner.js";
import type { Status } from "../../../agent/status.js";
import { BROKER_OPEN } from "../../../agent/uplink/session.js";
import type { BrokerReport } from "../../../agent/uplink/uplink.js";
import { createMemoryKeyValue } from "../../../node/ports/key-value.js";
import { createSigner, signatureChecker } from "../../../node/ports/signer.js";

export const PRIVATE_KEY = Uint8Array.from({ length: 32 }, (_, i) => (37 * i + 11) & 0xff);
export const WIFI_PASSWORD = "correct-horse-battery";

export const CONFIG = {
  network: "demo",
  brokers: [{ host: "127.0.0.1" }],
  sensors: [
    {
      kind: "simulated",
      interval: 10_000,
      channels: [{ property: "t", name: "temperature", unit: "Cel", digits: 2 }],
    },
  ],
  readings: 4,
  age: 30_000,
  copies: 1,
  window: 4,
  order: "oldest",
  absent: 10_000,
  timeout: 4000,
  backoff: { min: 500, max: 60_000 },
  dns: [],
  wifi: { ssid: "" },
  sntp: "pool.ntp.org",
  board: "bench",
};

/** A board without an agent, for the server alone: what it is told is kept in `values` and noted in `calls`. */
export class RecordedHost implements ProvisioningHost {
  readonly values = new Map<string, Uint8Array>();
  readonly store = createMemoryKeyValue(this.values);
  readonly signer: Signer & SignatureChecker = {
    ...createSigner(PRIVATE_KEY),
    verify: signatureChecker.verify,
  };
  readonly configuration = new Configuration({ store: this.store, config: CONFIG, kinds: ["simulated"] });
  readonly calls: string[] = [];
  readonly kid = kidOfKey(this.signer.publicKey, this.signer);
  networks: FoundNetwork[] = [
    { ssid: "field", rssi: -60, isSecured: true },
    { ssid: "open", rssi: -71, isSecured: false },
  ];
  name = "Fieldmark";
  hostname = "fieldmark-7";
  isOnline = false;
  url = "";
  frame: Uint8Array = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);

  readonly identity = {
    did: didOfKey(this.signer.publicKey),
    kid: this.kid,
    device: hex(this.kid),
    network: "demo",
    firmware: "fieldmark",
    version: "0.1.0",
    chip: "ESP32-C3",
    model: "bench",
    quantities: [{ name: "temperature", unit: "Cel", interval: 10_000 }],
    configuration: "c0f1c0f1c0f1c0f1",
  };

  setName(name: string): void {
    this.name = name;
  }

  setHostname(hostname: string): void {
    this.hostname = hostname;
  }

  scan(done: (networks: readonly FoundNetwork[]) => void): void {
    setImmediate(() => done(this.networks));
  }

  join(ssid: string, password: string, done: (isJoined: boolean) => void): void {
    this.calls.push("join");
    setImmediate(() => {
      this.isOnline = ssid === "field" && password === WIFI_PASSWORD;
      if (this.isOnline) this.configuration.merge({ wifi: { ssid, password } });
      done(this.isOnline);
    });
  }

  configure(json: string): void {
    this.configuration.change(json);
    this.calls.push("configure");
  }

  setClock(unix: number): ClockState {
    this.calls.push(`clock ${unix}`);
    return CLOCK_KEPT;
  }

  readNow(): Uint8Array {
    return this.frame;
  }

  status(): Status {
    const counts = { boot: 3, uptime: 70, queue: 2, oldest: 5, dropped: 0, flash: 0 };
    return { state: "online", brokers: ["mqtt://a"], ...counts };
  }

  readonly copies = 1;

  brokerReports(): readonly BrokerReport[] {
    return [{ name: "mqtt://a", standing: BROKER_OPEN, reason: "not authorized" }];
  }

  reset(): number {
    this.calls.push("reset");
    this.configuration.forget();
    forgetOwner(this.store);
    return 2;
  }

  restart(): void {
    this.calls.push("restart");
  }
}
