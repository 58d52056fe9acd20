import type { BuildOptions } from "esbuild";

export declare const forXs: BuildOptions;
