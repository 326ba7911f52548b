/** What holds between variables. Each is asked whatever else is wrong, so that all problems are printed at once. */
export interface Rule {
  readonly holds: (env: NodeJS.ProcessEnv) => boolean;
  readonly problem: (env: NodeJS.ProcessEnv) => string;
}

/** How many of the variables are set. */
export const countSet = (env: NodeJS.ProcessEnv, ...variables: readonly string[]) =>
  variables.filter((variable) => env[variable] !== undefined).length;
