import { statSync } from "node:fs"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { indexFileOf } from "./indexFile"

/** The index of turns' words beside a connection that reads, under the name `found`. */
export class AttachedIndex {
  readonly #db: SqliteDatabase
  readonly #file: string
  /** The file that is attached; another may have taken its place. */
  #identity: string | undefined

  constructor(db: SqliteDatabase) {
    this.#db = db
    this.#file = indexFileOf(db.file)
  }

  /** Attaches the index as it is now; false when there is none. */
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
      // One that is just being made has no table yet.
      if (this.#db.query("SELECT 1 FROM found.sqlite_master WHERE name = 'turn_words'").first()) return true
      this.#db.exec("DETACH found")
      this.#identity = undefined
    } catch {
      // It is read again with the next search.
    }
    return false
  }
}
