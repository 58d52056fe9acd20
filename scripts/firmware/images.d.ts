export class ImageError extends Error {}
export function firmwareImages(build: {
  build: string;
  chip: { readonly family: string; readonly bootloaderAt: number };
  partitions: string;
  flash: number;
  name: string;
  version: string;
}): { [name: string]: Buffer };
