/**
 * How the sensors of a device's latest boots are configured, by boot: 8 bytes in hex, ANY or
 * SEVERAL.
 */
export type BootConfigurations = Map<number, string>;

/**
 * In the place of a boot's configuration: nobody can be asked for it, and the boot contradicts
 * itself.
 */
const ANY = "any";
const SEVERAL = "several";
/** Boots of a device whose sensor configuration is remembered. */
const BOOTS = 64;

/** A boot's frame says it. Those of earlier boots are asked for where a gap is filled. */
export function noteConfiguration(known: BootConfigurations, boot: number, configuration: string): void {
  const before = known.get(boot);
  const isNews = before === undefined || before === ANY || before === configuration;
  known.set(boot, isNews ? configuration : SEVERAL);
  if (known.size <= BOOTS) return;
  const [first] = known.keys();
  known.delete(first as number);
}

/** The first frame of a boot, which says it, will not come: nobody is asked for it. */
export function excuseConfiguration(known: BootConfigurations, boot: number): void {
  if (!known.has(boot)) noteConfiguration(known, boot, ANY);
}

/**
 * Why a boot's readings are not of sensors as they were enrolled. `enrolled`: undefined: in any
 * way.
 */
export function configurationReason(
  known: BootConfigurations,
  boot: number,
  enrolled: readonly string[] | undefined,
): string | undefined {
  const configuration = known.get(boot);
  if (enrolled === undefined || configuration === ANY) return undefined;
  if (configuration === undefined) return `the first frame of boot ${boot}, which says it, is missing`;
  if (configuration === SEVERAL) return `boot ${boot} says several`;
  if (enrolled.includes(configuration)) return undefined;
  return `its sensors are configured as ${configuration}, enrolled for ${enrolled.join(", ")}`;
}
