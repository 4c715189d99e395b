import { statSync } from "node:fs"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { indexFileOf } from "./indexFile"

/** The index of words, attached to a reading connection as `found`. */
export class AttachedIndex {
  readonly #db: SqliteDatabase
  readonly #file: string
  /** The identity of the attached file, to detect that the file was replaced. */
  #identity: string | undefined

  constructor(db: SqliteDatabase) {
    this.#db = db
    this.#file = indexFileOf(db.file)
  }

  /** Attaches the current index. Returns false if there is none. */
  attached(): boolean {
    const stats = statSync(this.#file, { throwIfNoEntry: false })
    const identity = stats && `${stats.dev}:${stats.ino}`
    if (identity !== undefined && identity === this.#identity) return true
    try {
      if (this.#identity !== undefined) this.#db.exec("DETACH found")
      this.#identity = undefined
      if (identity === undefined) return false
      this.#db.query("ATTACH ? AS found").run(this.#file)
      this.#identity = identity
      // An index that is being created has no tables yet.
      if (this.#db.query("SELECT 1 FROM found.sqlite_master WHERE name = 'turn_words'").first()) return true
      this.#db.exec("DETACH found")
      this.#identity = undefined
    } catch {
      // The next search tries again.
    }
    return false
  }
}
