import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs"

/** What a model agent sent and which replies it received, in order. */
export type JournalEntry =
  | { what: "started"; agent: string; run_id: string; created: boolean }
  | { what: "sent"; agent: string; run_id: string; batch: number; count: number }
  | {
      what: "acked"
      agent: string
      run_id: string
      batch: number
      base_index: number
      count: number
      duplicate: boolean
      /** The driver's clock, ms. */
      at: number
    }
  | { what: "refused"; agent: string; run_id: string; event: string; batch?: number; code: string }
  /** The reply to a take-over of a run that the agent leaves open. */
  | { what: "tookOver"; agent: string; run_id: string; code: string; at: number }
  | { what: "ending"; agent: string; run_id: string; status: string }
  | { what: "ended"; agent: string; run_id: string; duplicate: boolean }

export interface Journal {
  write(entry: JournalEntry): void
  entries(): JournalEntry[]
  close(): void
}

/** A journal in memory. */
export function memoryJournal(): Journal {
  const kept: JournalEntry[] = []
  return { write: (entry) => kept.push(entry), entries: () => kept, close: () => {} }
}

/** An append-only file, flushed before `write` returns, so that it survives if the driver is killed. */
export function fileJournal(path: string): Journal {
  const file = openSync(path, "a", 0o600)
  return {
    write(entry) {
      writeSync(file, `${JSON.stringify(entry)}\n`)
      fsyncSync(file)
    },
    entries: () =>
      readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line.endsWith("}"))
        .map((line) => JSON.parse(line) as JournalEntry),
    close: () => closeSync(file),
  }
}
