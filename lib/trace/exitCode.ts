/** Returns the exit code in a turn's results: `cli_outcome.exit_code`, else `output.exit_code`, else undefined. */
export function exitCodeOf(turn: { cli_outcome?: unknown; output?: unknown }): number | undefined {
  return exitCodeIn(turn.cli_outcome) ?? exitCodeIn(turn.output)
}

function exitCodeIn(value: unknown): number | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "exit_code")) return undefined
  const { exit_code } = value as { exit_code: unknown }
  const code = typeof exit_code === "string" && /^-?\d{1,10}$/.test(exit_code) ? Number(exit_code) : exit_code
  return Number.isSafeInteger(code) ? (code as number) : undefined
}
