import { z } from "zod";

/** Degrees of WGS 84, and metres above the sea. */
export const Position = z.strictObject({
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  alt: z.number().optional(),
});
