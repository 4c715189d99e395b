import { FilesGoneError } from "./FileWatch"
import type { SentTexts } from "./PackedBatch"

/** A call from the main thread to a worker thread. `texts`: the buffer with the texts of its batch. */
export type Call = { id: number; op: string; arg: unknown; texts?: SentTexts }
/** Why a call failed: the store is unavailable, or a bug. */
export type CallError = { kind: "unavailable" | "bug"; message: string }
export type Reply = { id: number; value?: unknown; error?: CallError }

/** A message from a worker thread: first the result of opening, then the replies and the duration of each round. */
export type FromWorker =
  | { ready: true }
  | { failed: { name: string; message: string; versions?: [number, number] } }
  | { replies: Reply[]; seconds: number }
export type ToWorker = { calls: Call[]; texts?: SentTexts } | { close: true }
export type WorkerSettings = {
  role: "writer" | "reader" | "indexer"
  file: string
  maxPages?: number
  indexed?: boolean
  /** Calls made within this many milliseconds are sent in one message. */
  gatherMs?: number
}

/** The service that runs in a worker thread. Everything is synchronous. */
export type Service = {
  round(calls: readonly Call[]): Reply[]
  /** Called when no calls are queued. Returns true to be called again. */
  idle(): boolean
  close(): void
}

/** SQLite's error codes for bugs in this program, in contrast to problems of the disk. */
const BUG_CODES = /^SQLITE_(ERROR|CONSTRAINT|MISUSE|RANGE|MISMATCH|TOOBIG)/

/** Classifies an error: most SQLite errors and `FilesGoneError` are problems of the disk. All other errors are bugs. */
export function errorOf(error: unknown): CallError {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  const ofDisk = error instanceof FilesGoneError || (code.startsWith("SQLITE_") && !BUG_CODES.test(code))
  return { kind: ofDisk ? "unavailable" : "bug", message }
}

/** Runs calls one by one. A failed call doesn't affect the others. */
export function runCalls(ops: Record<string, (arg: never) => unknown>, calls: readonly Call[]): Reply[] {
  return calls.map(({ id, op, arg }) => {
    try {
      const run = Object.hasOwn(ops, op) ? ops[op] : undefined
      if (run === undefined) throw new TypeError(`This thread has no operation ${op}`)
      // The caller's types ensure that `arg` matches. Messages between threads aren't typed.
      return { id, value: run(arg as never) }
    } catch (error) {
      return { id, error: errorOf(error) }
    }
  })
}
