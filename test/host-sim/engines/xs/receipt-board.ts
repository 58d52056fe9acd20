import { createAgent } from "../../../../agent/agent.js";
import { unhex } from "../../../../agent/cose/kid.js";
import type { SignatureChecker, Signer } from "../../../../agent/ports/signer.js";
import { Receipts } from "../../../../agent/receipt/receipts.js";
import type { SensorConfig } from "../../../../agent/sampler.js";
import { AgentBoard, portsOf } from "../../../../host-sim/engines/xs/board/agent-board.js";
import { HostClock } from "../../../../host-sim/engines/xs/board/clock.js";
import { host } from "../../../../host-sim/engines/xs/board/host.js";
import { type Receiver, runBoards } from "../../../../host-sim/engines/xs/board/run.js";
import { HostSensor } from "../../../../host-sim/engines/xs/board/sensor.js";
import { text } from "../../../../host-sim/engines/xs/board/text.js";
import { RECEIPT, type ReceiptBoardConfig } from "./receipt-kinds.js";

const RANDOM = Object.freeze({ fill: host.random });
const SIGNER: Signer & SignatureChecker = Object.freeze({
  get publicKey() {
    const publicKey = new Uint8Array(33);
    host.publicKey(publicKey);
    return publicKey;
  },
  sign: host.sign,
  sha256: host.sha256,
  verify: host.verify,
});

/** host-sim/engines/xs/board.ts, with witnesses. */
runBoards((bytes) => {
  const config = JSON.parse(text(bytes)) as ReceiptBoardConfig;
  for (const it of config.sensors) Object.assign(it, { sensor: new HostSensor(it.channels) });
  const ports = portsOf(config, {
    clock: new HostClock(config.clock, config.epoch),
    random: RANDOM,
    signer: SIGNER,
    sensors: config.sensors as readonly SensorConfig[],
  });
  const keys = config.witnessKeys.map(unhex);
  const agent = createAgent(
    { ...ports, receipts: Receipts, checker: SIGNER },
    keys.length === 0 ? config.agent : { ...config.agent, witnesses: { keys, least: 1 } },
  );
  const board: Receiver = new AgentBoard(agent, ports);
  return {
    receive(kind, id, given) {
      if (kind === RECEIPT) agent.receive((given as Uint8Array).slice());
      else board.receive(kind, id, given);
    },
  };
});
