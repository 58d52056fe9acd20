import type { FleetMemory, Spread } from "../../host-sim/engines/xs/memory.js";
import type { NodeMemory } from "../../host-sim/fleet/node-memory.js";

/** What `fieldmark sim --memory` prints. */
export function memoryText(memory: FleetMemory & NodeMemory): string {
  const { slots, chunkBytes, stackSlots, collections, boardBytes } = memory;
  if (memory.boards === 0) return "memory: no board is left that could be counted\n";
  const both = ({ median, max }: Spread) => `median ${median}, most ${max}`;
  return `memory of ${memory.boards} boards, counted as on a 32-bit board
  slots        used ${both(slots.used)}; peak ${both(slots.peak)}; of ${slots.limit}
  chunk bytes  used ${both(chunkBytes.used)}; peak ${both(chunkBytes.peak)}; of ${chunkBytes.limit}
  stack slots  peak ${both(stackSlots.peak)}; of ${stackSlots.limit}
  collections  ${both(collections)}
  in all       ${both(boardBytes)} bytes of RAM
  flash        ${memory.flashBytes} bytes of data in the root machine, shared by all boards
  resident     ${memory.residentBytesPerBoard} bytes a board on this machine, ${memory.residentBytes} in all
               ${memory.nodeResidentBytesPerBoard} bytes a board in Node, ${memory.nodeResidentBytes} in all
               ${memory.totalResidentBytesPerBoard} bytes a board, all told
`;
}
