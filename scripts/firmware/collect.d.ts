export function collect(built: {
  board: string;
  folder: string;
  files: { [name: string]: Uint8Array };
}): { path: string; bytes: number; sha256: string }[];
