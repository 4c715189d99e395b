import { type Logger, pino } from "pino"

/** JSON lines on standard error; standard output is for people. Neither tokens nor content of traces are ever logged. */
export function createLogger(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2))
}

/** What may be logged of an error: its kind and where it was thrown; its message may quote content. */
export function redactError(error: unknown): { type: string; stack: string } {
  if (!(error instanceof Error)) return { type: typeof error, stack: "" }
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? []
  return { type: error.name, stack: frames.join("\n") }
}
