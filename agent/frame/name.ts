import { MAX_NAME_LENGTH } from "./layout.js";

/**
 * Whether `name` is a SenML name (RFC 8428 §4.5.1): it starts with a letter or digit, and has only letters,
 * digits and - : . / _ in it. Networks are named by the same rule, without `/`, which parts MQTT topics.
 */
export function isSenmlName(name: string): boolean {
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) return false;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    // - . / 0-9 : are 0x2d to 0x3a without a hole.
    const inside = (code >= 0x2d && code <= 0x3a) || code === 0x5f;
    const letter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
    const digit = code >= 0x30 && code <= 0x39;
    if (!(letter || digit || (i > 0 && inside))) return false;
  }
  return true;
}

/** What verifiers take; frames of it stay good for ever. */
export function isNetworkName(name: string): boolean {
  return isSenmlName(name) && !name.includes("/");
}

/**
 * Whether every broker carries the topics of a network of this name, as those that are chosen from now on must be: RabbitMQ gives topics back with a
 * dot turned into a slash, and NATS refuses subscriptions with one.
 */
export function isCarriedName(network: string): boolean {
  return !network.includes(".");
}
