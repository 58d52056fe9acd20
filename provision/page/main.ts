import "./policy.js";
import "./token.js"; // before all that takes time

import { openWebSerial } from "../web-serial-wire.js";
import { Commissioning } from "./commissioning.js";
import { part } from "./dom.js";
import { ServedFiles } from "./files.js";
import { FilingTray } from "./filing.js";
import { Language } from "./language.js";
import { NameForm, namedIn, namesFrom } from "./names.js";
import { keepOffline } from "./offline.js";
import { Prepare } from "./prepare.js";
import { Receipts } from "./receipts.js";
import { ServedBoard } from "./served-board.js";
import { ServedDesk } from "./served-desk.js";
import { Stages } from "./stages.js";
import { token } from "./token.js";
import { showTrouble } from "./trouble.js";
import { WifiForm } from "./wifi.js";
import { Work } from "./work.js";

/** The rate at which boards talk (provision/flash/loader.ts, and the firmware). */
const BAUD = 115_200;

const language = new Language();
const stages = new Stages(language);
keepOffline();

const served = new ServedBoard(token);
const board = await served.name;
language.say(part("connect-pick"), board === undefined ? "connectPick" : "connectServed", {
  name: board ?? "",
});
const { userAgent } = navigator;
if (board === undefined && !("serial" in navigator)) {
  stages.at("prepare");
  await showTrouble("no-serial", userAgent, { language, stages, canRetry: false });
}

const desk = new ServedDesk(token);
const prepare = new Prepare(language, stages, { served: new ServedFiles(token), desk: desk.info });
const receipts = new Receipts(language, stages, new FilingTray(desk));
const nameForm = new NameForm(language, stages);
let port: SerialPort | undefined;
const commissioning = new Commissioning({
  stages,
  work: new Work(language, stages),
  wifi: new WifiForm(language, stages),
  receipts,
  async connect(again) {
    if (board !== undefined) return await served.open(board);
    if (!again || port?.connected === false) port = undefined;
    port ??= await navigator.serial.requestPort();
    return await openWebSerial(port, BAUD);
  },
  failed: (trouble, reason, canSkip = false) => showTrouble(trouble, reason, { language, stages, canSkip }),
  news: () => prepare.news(),
});

for (;;) {
  const plan = await prepare.ready();
  const { site, bundle } = plan;
  language.say(part("plan"), bundle === undefined ? "planAsIs" : "plan", {
    site: site.name,
    firmware: bundle === undefined ? "" : `${bundle.name} ${bundle.version}`,
  });
  const registered = plan.isServed ? ((await desk.info)?.named ?? []) : [];
  const before = [...registered, ...namedIn(receipts.all, site.network, site.name)];
  const names = namesFrom(site.naming, nameForm, before);
  while ((await commissioning.board(plan, names)) !== "change");
}
