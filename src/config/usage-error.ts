/** Wrong use of the command line, the environment or the configuration file: one line for the user, exit code 2. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}
