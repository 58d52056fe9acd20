/** RFC 8428 §12.1. g, l, l/s, Bspl, %, 1/min, beat/min and beats are there for consumers; new agents avoid them. */
const RFC_8428 =
  "m kg g s A K cd mol Hz rad sr N Pa J W C V F Ohm S Wb T H Cel lm lx Bq Gy Sv kat m2 m3 l m/s m/s2 m3/s l/s " +
  "W/m2 cd/m2 bit bit/s lat lon pH dB dBW Bspl count / % %RH %EL EL 1/s 1/min beat/min beats S/m";
/** RFC 8798 §2, and NTU (turbidity, ISO 7027-1), which IANA added by expert review. */
const LATER_PRIMARY = "B VA VAs var vars J/m kg/m3 deg NTU";
/** RFC 8798 §3: multiples of primary units, for data models that are built on them. */
const SECONDARY =
  "ms min h MHz kW kVA kvar Ah Wh kWh varh kvarh kVAh Wh/km KiB GB Mbit/s B/s MB/s mV mA dBm ug/m3 mm/h m/h ppm " +
  "/100 /1000 hPa mm cm km km/h";
/** Added by IANA to the secondary units at the request of the OMA (reference "CoRE-1"). */
const LATER_SECONDARY = "ppb ppt VAh mg/l ug/l g/l";

// Frozen, like every array and object of a module: what can change costs a board RAM although it lies in flash.
const UNITS: readonly string[] = Object.freeze(
  `${RFC_8428} ${LATER_PRIMARY} ${SECONDARY} ${LATER_SECONDARY}`.split(" "),
);

/**
 * Whether `unit` is a symbol of IANA's SenML registry (https://www.iana.org/assignments/senml), primary or
 * secondary; upper and lower case count. RFC 8428 §4.3 allows no others.
 *
 * "%" is not percent but a ratio from 0 to 1, the old name of "/" (RFC 8428 §12.1, note 1). Percent is "/100".
 */
export function isSenmlUnit(unit: string): boolean {
  return UNITS.includes(unit);
}
