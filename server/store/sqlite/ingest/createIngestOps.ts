import type { NewRequests, StoredRequest } from "@/server/store/IngestStore"
import { numberAt, textAt } from "@/server/store/sqlite/bind"
import type { SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"

/** Creates synchronous operations for foreign requests. Writes must be in a transaction. */
export function createIngestOps(db: SqliteDatabase) {
  return {
    addRequests({ received_at, sender, dialect, records }: NewRequests): number[] {
      const sql =
        "INSERT INTO ingest_requests (received_at, sender, dialect, records) VALUES (?, ?, ?, ?) RETURNING id"
      const query = db.query(sql)
      return records.map((text) => numberAt(query.first(received_at, sender, dialect, text) ?? [], 0))
    },

    listRequests({
      after,
      limit,
      maxBytes,
    }: {
      after: number
      limit: number
      maxBytes: number
    }): StoredRequest[] {
      const sizes = db
        .query("SELECT id, length(records) FROM ingest_requests WHERE id > ? ORDER BY id LIMIT ?")
        .all(after, limit)
      let bytes = 0
      const fitting = sizes.filter((row, index) => {
        bytes += numberAt(row, 1)
        return index === 0 || bytes <= maxBytes
      })
      const sql = "SELECT id, received_at, sender, dialect, records FROM ingest_requests WHERE id = ?"
      return fitting.flatMap((size) =>
        db
          .query(sql)
          .all(numberAt(size, 0))
          .map((row) => ({
            id: numberAt(row, 0),
            received_at: numberAt(row, 1),
            sender: textAt(row, 2),
            dialect: textAt(row, 3),
            records: textAt(row, 4),
          })),
      )
    },

    deleteRequests(ids: readonly number[]): void {
      const query = db.query("DELETE FROM ingest_requests WHERE id = ?")
      for (const id of ids) query.run(id)
    },
  }
}
