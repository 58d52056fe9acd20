/** Bytes in this process's ArrayBuffers. */
export function bufferBytes(): number {
  return process.memoryUsage().arrayBuffers;
}
