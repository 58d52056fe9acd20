/**
 * What every host has beside the language (Encoding Standard, WHATWG), as far as it is used here.
 * Node and browsers bring types of their own.
 */
declare class TextDecoder {
  constructor(label: string, options?: { readonly fatal?: boolean });
  decode(input: Uint8Array): string;
}
