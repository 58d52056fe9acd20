/**
 * The address, relative to the page, of a file that a site file names: `keys/ca.pem` is `site/keys/ca.pem`, as in any
 * folder that is served. What lies outside of the site file's own folder has no such address, so `..` and `/` are
 * spelled out; `fieldmark serve` knows them.
 */
export function sitePath(name: string): string {
  const segments = name.split(/[\\/]/).filter((segment) => segment !== ".");
  const spelled = segments.map((segment, i) =>
    segment === ".." ? "parent.." : segment === "" && i === 0 ? "root.." : encodeURIComponent(segment),
  );
  return `site/${spelled.join("/")}`;
}

/** Where the page looks for a site file. */
export const SITE_FILE = "site.toml";
