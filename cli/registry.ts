import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command, InvalidArgumentError } from "commander";
import { hex, isSameBytes, kidOfKey } from "../agent/cose/kid.js";
import { didOfKey, keyOfDid } from "../agent/frame/identity.js";
import { InputError } from "../agent/input-error.js";
import type { Signer } from "../agent/ports/signer.js";
import { readStatementClaim } from "../network/enrolment/read-statement.js";
import { ENROLMENT_SUFFIX } from "../network/enrolment/sequence.js";
import { acceptMove, type Unsigned } from "../network/enrolment/write-statement.js";
import { readKeyFile } from "../node/key-file.js";
import { createSigner, hasher, signatureChecker } from "../node/ports/signer.js";
import {
  type Chain,
  chainOf,
  enrolmentFile,
  following,
  placeOf,
  readChain,
  signNext,
  splitFile,
  writeChain,
} from "../node/provision/enrolment-files.js";
import type { Position } from "../provision/names/place.js";
import { witnessAddress } from "./ask-witness.js";
import { boardName, ownerDid, path, position } from "./options.js";
import { print, printJson } from "./output.js";
import { sendStatements } from "./registry-send.js";
import { deviceJson, deviceLine } from "./render/enrolment.js";

const EXAMPLES = `
enrol and batch write what the owner signs about each board into the folder registry.enrolments:
a file a board. Witnesses take these files, in any order. Nothing is taken back: an end or a move
is a further statement, and what the board signed before stays good.

A board goes to another owner in two steps: the owner signs a move, and gives the file that is
written then to the new owner, who accepts it.

Examples:
  $ fieldmark registry show
  $ fieldmark registry end 1e39a9da1e1bfa7a --owner-key owner.json
  $ fieldmark registry move 1e39a9da1e1bfa7a --site cellar --owner-key owner.json
  $ fieldmark registry move 1e39a9da1e1bfa7a --to did:key:zQ3s… --owner-key owner.json
  $ fieldmark registry accept 1e39a9da1e1bfa7a.offer --owner-key mine.json
  $ fieldmark registry send 1e39a9da1e1bfa7a --witness https://w1.example.org

Exit codes: 0 it is signed and written, or shown, or the witness has it; 1 the witness does not take
it; 2 what was given is wrong: nothing is written then.`;

type Verb = "show" | "end" | "move" | "accept" | "send";

interface Options {
  enrolments: string;
  ownerKey?: string;
  date?: number;
  site?: string;
  name?: string;
  position?: Position;
  to?: string;
  out?: string;
  witness?: string;
  json?: boolean;
}

export function registryCommand(): Command {
  return new Command("registry")
    .description(
      "Show what owners signed about their boards; end a board, or move it to a site or an owner; send it.",
    )
    .addArgument(new Argument("<verb>", "what to do").choices(["show", "end", "move", "accept", "send"]))
    .argument("[what]", "the board, 16 hex digits as its label says; for accept the file of the offer", path)
    .option("--enrolments <folder>", "folder of what owners signed", path, "registry.enrolments")
    .option("--owner-key <file>", "key of the owner who signs (fieldmark keygen)", path)
    .option("--date <time>", "from when on it holds, as 2026-05-04T12:00:00Z (default: now)", date)
    .option("--site <name>", "move: the place where the board is from then on", boardSite)
    .option("--name <text>", "move: what people call it there", boardName)
    .option("--position <lat,lon[,alt]>", "move: where that is, in degrees and metres", position)
    .option("--to <did>", "move: the new owner, as fieldmark keygen --show says it", ownerDid)
    .option("--out <file>", "move --to: where the offer goes (default: <board>.offer)", path)
    .option("--witness <url>", "send: the witness's HTTP", witnessAddress)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(verb: Verb, what: string | undefined, options: Options): Promise<void> {
  checkOptions(verb, options);
  if (verb === "show") {
    show(what, options);
    return;
  }
  const named = verb === "accept" ? "the file of the offer" : "the board";
  if (what === undefined) throw new InputError(`${verb}: name ${named}`);
  if (verb === "send") {
    const { witness, enrolments, json } = options;
    if (witness === undefined) throw new InputError("send: name the witness with --witness");
    await sendStatements(splitFile(fileOf(enrolments, device(what))), witness, json);
    return;
  }
  if (options.ownerKey === undefined)
    throw new InputError(`${verb} is signed: name the key with --owner-key`);
  const owner = createSigner(readKeyFile(options.ownerKey));
  if (verb === "accept") accept(what, owner, options);
  else change(verb, device(what), owner, options);
}

function checkOptions(verb: Verb, options: Options): void {
  const { site, name, position: where, to, out, date: at, witness } = options;
  if (verb !== "move" && [site, name, where, to, out].some((one) => one !== undefined))
    throw new InputError("--site, --name, --position, --to and --out go with move");
  if (verb === "move" && site === undefined && to === undefined)
    throw new InputError("move: where to? Name a place with --site, or a new owner with --to, or both");
  if (site === undefined && (name !== undefined || where !== undefined))
    throw new InputError("--name and --position go with --site: they are of that place");
  if (out !== undefined && to === undefined) throw new InputError("--out goes with --to");
  if (witness !== undefined && verb !== "send") throw new InputError("--witness goes with send");
  if (at !== undefined && !["end", "move"].includes(verb))
    throw new InputError("--date goes with end and move");
}

function show(what: string | undefined, { enrolments, json }: Options): void {
  const files =
    what === undefined
      ? readdirSync(enrolments)
          .filter((name) => name.endsWith(ENROLMENT_SUFFIX))
          .sort()
          .map((name) => join(enrolments, name))
      : [fileOf(enrolments, device(what))];
  for (const file of files) tell(readChain(file), file, json);
}

/** Signs an end, or a move; one to another owner is only offered. */
function change(verb: "end" | "move", kid: string, owner: Signer, options: Options): void {
  const { enrolments, json, to, out = `${kid}.offer` } = options;
  const file = fileOf(enrolments, kid);
  const chain = readChain(file);
  const documents = [...chain.documents, signNext(chain, saidOf(verb, chain, options), owner, file)];
  if (to === undefined) {
    write(file, documents, json);
    return;
  }
  writeChain(out, documents);
  if (json) printJson({ type: "offered", device: kid, to, file: out });
  else print(`${kid}: offered to ${to}; nothing has changed yet. Give that owner the file ${out}`);
}

function saidOf(verb: "end" | "move", chain: Chain, options: Options): Unsigned {
  const { site, name, position: where, to, date: at = Date.now() / 1000 } = options;
  const { did, place } = chain.device;
  const [first] = chain.documents as [Uint8Array];
  const { network } = readStatementClaim(first, signatureChecker).statement;
  const said = { network, device: keyOfDid(did), ...following(chain, Math.floor(at)) };
  if (verb === "end") return { kind: verb, ...said };
  return {
    kind: verb,
    ...said,
    place: placeOf(site === undefined ? place : { site, name, position: where }),
    newOwner: to === undefined ? new Uint8Array(0) : keyOfDid(to),
  };
}

/** The new owner's signature makes an offer a move. */
function accept(offer: string, owner: Signer, { enrolments, json }: Options): void {
  const documents = splitFile(offer);
  const move = documents[documents.length - 1] as Uint8Array;
  const { statement } = readStatementClaim(move, signatureChecker);
  if (statement.kind !== "move" || !isSameBytes(statement.newOwner, owner.publicKey))
    throw new InputError(`${offer} offers no board to ${didOfKey(owner.publicKey)}`);
  const file = enrolmentFile(enrolments, hex(kidOfKey(statement.device, hasher)));
  const accepted = [...documents.slice(0, -1), acceptMove(move, owner)];
  if (existsSync(file)) checkGoesOn(readChain(file), chainOf(accepted, offer), file);
  mkdirSync(enrolments, { recursive: true });
  write(file, accepted, json);
}

/** What is known of a board already is part of an offer of it, or the offer is an old one. */
function checkGoesOn(known: Chain, next: Chain, file: string): void {
  const { entries } = next.device;
  if (known.device.entries.every(({ id }, i) => entries[i]?.id === id)) return;
  throw new InputError(`${file} has statements that the offer does not have: ask for a newer one`);
}

function write(file: string, documents: readonly Uint8Array[], json: boolean | undefined): void {
  const chain = chainOf(documents, file);
  writeChain(file, documents);
  tell(chain, file, json);
}

function tell({ device: shown }: Chain, file: string, json: boolean | undefined): void {
  if (json) printJson(deviceJson(shown, file));
  else print(deviceLine(shown));
}

function fileOf(folder: string, kid: string): string {
  const file = enrolmentFile(folder, kid);
  if (existsSync(file)) return file;
  throw new InputError(`${folder} has nothing about ${kid}: name another folder with --enrolments`);
}

function device(text: string): string {
  if (/^[0-9a-f]{16}$/.test(text)) return text;
  throw new InputError("the board: it has 16 digits of lower-case hex, as its label says");
}

function boardSite(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is empty: name the place.");
  return text;
}

/** Unix seconds. */
function date(text: string): number {
  const milliseconds = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(milliseconds))
    throw new InvalidArgumentError("A time looks like 2026-05-04T12:00:00Z, or 2026-05-04.");
  return milliseconds / 1000;
}
