export function notRun(results: {
  readonly testResults: readonly { readonly testResults: readonly { readonly title: string }[] }[];
}): string;
