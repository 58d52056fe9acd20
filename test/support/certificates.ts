import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate and its key, as files in PEM; `chain` is what its host sends. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
  readonly chain: string;
}

export interface IdentityOptions {
  /** Who signs it; itself, where left out. */
  readonly by?: Identity;
  /** subjectAltName of openssl(1): "IP:127.0.0.1". */
  readonly names?: string;
  readonly isAuthority?: boolean;
  readonly keyKind?: "rsa" | "p256";
  /** Days that are left; negative: it is over. */
  readonly days?: number;
}

/** Makes certificates with openssl in a folder. */
export function createIssuer(folder: string) {
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: ["ignore", "pipe", "pipe"] });

  return function issue(name: string, options: IdentityOptions = {}): Identity {
    const { by, names, isAuthority = false, keyKind = "p256", days = 30 } = options;
    const path = (ending: string) => join(folder, `${name}.${ending}`);
    const algorithm =
      keyKind === "rsa"
        ? ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
        : ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
    openssl("genpkey", ...algorithm, "-out", path("key"));
    openssl("req", "-new", "-key", path("key"), "-subj", `/CN=${name}`, "-out", path("csr"));
    const extensions = [
      `basicConstraints=critical,CA:${isAuthority ? "TRUE" : "FALSE"}`,
      "subjectKeyIdentifier=hash",
      // Of itself, too, as many an authority has it: then the SDK's own check believes any host that sends it.
      "authorityKeyIdentifier=keyid:always",
      ...(names === undefined ? [] : [`subjectAltName=${names}`]),
    ];
    writeFileSync(path("ext"), extensions.join("\n"));
    const signer =
      by === undefined
        ? ["-signkey", path("key")]
        : ["-CA", by.certificate, "-CAkey", by.key, "-set_serial", `${Math.floor(Math.random() * 1e9)}`];
    openssl(
      ...["x509", "-req", "-sha256", "-in", path("csr"), "-extfile", path("ext"), "-days", `${days}`],
      ...[...signer, "-out", path("crt")],
    );
    return { certificate: path("crt"), key: path("key"), chain: path("crt") };
  };
}

/** The same identity, with these certificates sent after its own. */
export function sending(folder: string, identity: Identity, ...others: Identity[]): Identity {
  const chain = join(folder, `chain-${Math.random().toString(36).slice(2)}.pem`);
  writeFileSync(
    chain,
    [identity, ...others].map(({ certificate }) => readFileSync(certificate, "utf8")).join(""),
  );
  return { ...identity, chain };
}
