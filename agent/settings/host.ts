/** RFC 1035 §2.3.4. */
const MAX_HOST = 253;
const COLON = 0x3a;
const DOT = 0x2e;

/**
 * Whether `text` is a host's name, an IPv4 or an IPv6 address, and nothing besides: no scheme, no user, no port, no path, no brackets. Names may
 * have an underscore, as those of containers do.
 */
export function isHost(text: string): boolean {
  if (text.length === 0 || text.length > MAX_HOST) return false;
  if (text.includes(":")) return isIpv6(text);
  let isNumeric = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isDigit = code >= 0x30 && code <= 0x39;
    const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
    if (!isDigit && !isLetter && code !== 0x2d && code !== DOT && code !== 0x5f) return false;
    if (!isDigit && code !== DOT) isNumeric = false;
  }
  const labels = text.split(".");
  for (let i = 0; i < labels.length; i++) {
    const { length } = labels[i] as string;
    // The root's dot may stand at the end of a name.
    if (length > 63 || (length === 0 && (i === 0 || i < labels.length - 1 || isNumeric))) return false;
  }
  return !isNumeric || isIpv4(labels);
}

function isIpv4(parts: readonly string[]): boolean {
  return parts.length === 4 && parts.every((part) => Number(part) <= 255 && String(Number(part)) === part);
}

/** Eight groups, or fewer and one gap (RFC 4291 §2.2); not with an IPv4 address at its end. */
function isIpv6(text: string): boolean {
  const gap = text.indexOf("::");
  if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) return false;
  const groups = text.split(":");
  let empty = 0;
  for (const group of groups) {
    if (group.length > 4) return false;
    if (group === "") empty++;
    for (let i = 0; i < group.length; i++) if (!isHex(group.charCodeAt(i))) return false;
  }
  const atEnds =
    (text.charCodeAt(0) === COLON ? 1 : 0) + (text.charCodeAt(text.length - 1) === COLON ? 1 : 0);
  if (gap < 0) return empty === 0 && groups.length === 8;
  const isGapAtEnd = gap === 0 || gap === text.length - 2;
  return text === "::" || (atEnds === (isGapAtEnd ? 1 : 0) && groups.length - empty <= 7);
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}
