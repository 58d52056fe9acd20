/**
 * Modules of SDK 8.2.3 that neither @moddable/typings nor the SDK itself declares. Who imports one refers to this file, so that
 * mcconfig's compiler finds it too.
 */
declare module "resetReason" {
  /** `reason`: esp_reset_reason_t. */
  export default function getResetReason(): { reason: number; string: string };
}
