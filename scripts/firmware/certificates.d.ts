export declare function checkCertificates(
  brokers: readonly { readonly host: string; readonly certificate?: string }[],
  now: Date,
): void;
