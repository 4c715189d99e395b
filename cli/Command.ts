/** A command of `turnline`. Its code is loaded only when the command is called. */
export type Command = {
  name: string
  /** One line for the list of commands. */
  summary: string
  /** `run` resolves with the exit code, or with undefined if the command keeps running. */
  load(): Promise<{ run(args: string[]): Promise<number | undefined> }>
}

/** Thrown for invalid arguments. The message is shown with a hint to use `--help`, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError"
}
