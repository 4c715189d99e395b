/** One command of `turnline`. It is loaded only when it is called. */
export type Command = {
  name: string
  /** One line for the list of commands. */
  summary: string
  /** `run` resolves with the exit code, or with undefined if the command keeps running. */
  load(): Promise<{ run(args: string[]): Promise<number | undefined> }>
}

/** Something in the arguments is wrong: shown with a hint to `--help`, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError"
}
