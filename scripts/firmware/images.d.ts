export class ImageError extends Error {}
export const CHIPS: { readonly [chip: string]: { readonly family: string; readonly bootloader: number } };
export function firmwareImages(build: {
  build: string;
  chip: string;
  partitions: string;
  flash: number;
  name: string;
  version: string;
}): { [name: string]: Buffer };
