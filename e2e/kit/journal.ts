import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs"

/** What a model agent did and was told, in the order in which it happened. */
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
      /** Driver's clock, ms. */
      at: number
    }
  | { what: "refused"; agent: string; run_id: string; event: string; batch?: number; code: string }
  | { what: "ending"; agent: string; run_id: string; status: string }
  | { what: "ended"; agent: string; run_id: string; duplicate: boolean }

export interface Journal {
  write(entry: JournalEntry): void
  entries(): JournalEntry[]
  close(): void
}

/** A journal that lives as long as the process. */
export function memoryJournal(): Journal {
  const kept: JournalEntry[] = []
  return { write: (entry) => kept.push(entry), entries: () => kept, close: () => {} }
}

/** An append-only file, on the disk before `write` returns: it outlives a driver that is killed. */
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
