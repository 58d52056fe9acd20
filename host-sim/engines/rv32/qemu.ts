import { spawnSync } from "node:child_process";

export const QEMU = "qemu-system-riscv32";

/** The core that images are made for: RV32IMC, as an ESP32-C3's. All memory is the file `memory`, which outlives the machine. */
export function machineArguments(memory: string, bytes: number): string[] {
  return [
    ...["-machine", "virt,memory-backend=ram", "-cpu", "rv32,a=off,f=off,d=off", "-m", `${bytes >> 20}M`],
    ...["-object", `memory-backend-file,id=ram,size=${bytes},mem-path=${memory},share=on`],
    ...["-bios", "none", "-nodefaults", "-display", "none", "-monitor", "none"],
  ];
}

/** What this machine lacks of what the boards need, and how people get it; undefined where it has all. */
export function missingTools(): string | undefined {
  const missing = [QEMU, "riscv64-unknown-elf-gcc"].filter(
    (program) => spawnSync(program, ["--version"]).status !== 0,
  );
  if (missing.length === 0) return undefined;
  return (
    `${missing.join(" and ")} not found; Debian: apt-get install --no-install-recommends ` +
    "qemu-system-misc gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf"
  );
}
