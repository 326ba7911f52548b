/** Written into what is built, by `vite.config.ts`. */
declare const ENTRA_CLIENT_IDS: Readonly<Record<string, string>> | undefined;

/** By cloud the application that this build signs in with at Microsoft Entra; a cloud for which whoever built it named none is absent. */
export const BUILT_IN_CLIENT_IDS: Readonly<Record<string, string>> =
  typeof ENTRA_CLIENT_IDS === 'undefined' ? {} : ENTRA_CLIENT_IDS;
