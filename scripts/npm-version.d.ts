export declare function aboutNpm(
  userAgent?: string,
  allowScripts?: Readonly<Record<string, boolean>>,
): string | undefined;
