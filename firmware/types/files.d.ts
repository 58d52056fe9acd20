/** What of the SDK's modules/io/files firmware/sim uses; @moddable/typings 5.6.0 has none of it. */
declare module "embedded:storage/files" {
  export interface Status {
    readonly size: number;
  }
  export interface File {
    close(): void;
    read(count: number, position: number): ArrayBuffer;
    /** Fills `into` and returns the bytes that there were. */
    read(into: Uint8Array, position: number): number;
    write(buffer: Uint8Array, position: number): void;
    status(): Status;
    flush(): void;
  }
  export interface Directory {
    openFile(options: { path: string; mode?: "r" | "r+" | "w" | "w+" }): File;
    delete(path: string): boolean;
    move(from: string, to: string): void;
  }
  const root: Directory;
  export default root;
}
