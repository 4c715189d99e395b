import { type Logger, pino } from "pino"

/** Creates a logger that writes JSON lines to standard error. Tokens and trace content are never logged. */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2))
}

/** Reduces an error to its type and stack frames, because its message may quote trace content. */
export function redactError(error: unknown): { type: string; stack: string } {
  if (!(error instanceof Error)) return { type: typeof error, stack: "" }
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? []
  return { type: error.name, stack: frames.join("\n") }
}
