import { FilesGoneError } from "./FileWatch"
import type { SentTexts } from "./PackedBatch"

/** One operation that the main thread asks a worker thread for; `texts`: the bytes that came with it. */
export type Call = { id: number; op: string; arg: unknown; texts?: SentTexts }
/** Why an operation was not carried out: the store cannot now, or a bug. */
export type Trouble = { kind: "unavailable" | "bug"; message: string }
export type Reply = { id: number; value?: unknown; trouble?: Trouble }

/** What a worker thread sends: once how its opening went, then the replies of each round and the time that it took. */
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
  /** Calls that follow within this many ms are sent in one message. */
  gatherMs?: number
}

/** What runs in a worker thread; everything is synchronous. */
export type Service = {
  round(calls: readonly Call[]): Reply[]
  /** Called when nothing is queued; true asks for another turn. */
  idle(): boolean
  close(): void
}

/** SQLite's codes for what this program did wrong, rather than the disk. */
const BUG_CODES = /^SQLITE_(ERROR|CONSTRAINT|MISUSE|RANGE|MISMATCH|TOOBIG)/

/** Sorts what was thrown: SQLite's own troubles are the disk's, anything else is a bug. */
export function errorOf(error: unknown): Trouble {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  const ofDisk = error instanceof FilesGoneError || (code.startsWith("SQLITE_") && !BUG_CODES.test(code))
  return { kind: ofDisk ? "unavailable" : "bug", message }
}

/** Answers calls one by one: trouble of one costs the others nothing. */
export function answerCalls(ops: Record<string, (arg: never) => unknown>, calls: readonly Call[]): Reply[] {
  return calls.map(({ id, op, arg }) => {
    try {
      const answer = Object.hasOwn(ops, op) ? ops[op] : undefined
      if (answer === undefined) throw new TypeError(`This thread knows no ${op}`)
      // The thread that calls is typed by its operations; between threads only the name is left.
      return { id, value: answer(arg as never) }
    } catch (error) {
      return { id, trouble: errorOf(error) }
    }
  })
}
