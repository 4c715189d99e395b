import type { Pool } from "pg"
import type { IngestStore, NewRequests, StoredRequest } from "@/server/store/IngestStore"
import { asStoreError } from "./postgresErrors"
import type { SqlRow } from "./runRow"

const ADD = `INSERT INTO ingest_requests (node_id, received_at, sender, dialect, records)
  SELECT $1, $2, $3, $4, p.records FROM unnest($5::text[]) WITH ORDINALITY AS p (records, place) ORDER BY p.place
  RETURNING id`
/** At most so many requests at a time: those of a node that died may be many. */
const MAX_CLAIMED = 200
const CLAIM = `WITH claimed AS (
    UPDATE ingest_requests r SET node_id = $1 WHERE r.id IN (
      SELECT i.id FROM ingest_requests i WHERE i.node_id <> $1
        AND NOT EXISTS (SELECT 1 FROM nodes n WHERE n.node_id = i.node_id AND n.lease_until > now())
      ORDER BY i.id LIMIT ${MAX_CLAIMED} FOR UPDATE SKIP LOCKED)
    RETURNING r.id, r.received_at, r.sender, r.dialect, r.records)
  SELECT * FROM claimed ORDER BY id`
const LIST = `SELECT p.id, p.received_at, p.sender, p.dialect, p.records FROM (
    SELECT *, sum(octet_length(records)) OVER (ORDER BY id) AS bytes, row_number() OVER (ORDER BY id) AS place
    FROM ingest_requests WHERE node_id = $1 AND id > $2 ORDER BY id LIMIT $3) p
  WHERE p.bytes <= $4 OR p.place = 1 ORDER BY p.id`
const DELETE = "DELETE FROM ingest_requests WHERE id = ANY($1::bigint[])"

/** Foreign requests in a PostgreSQL database: each belongs to the node that received it, until that node is gone. */
export class PostgresIngestStore implements IngestStore {
  readonly #pool: Pool
  readonly #nodeId: () => string

  /** `nodeId`: this node's id in the database. */
  constructor(pool: Pool, nodeId: () => string) {
    this.#pool = pool
    this.#nodeId = nodeId
  }

  async addRequests({ received_at, sender, dialect, records }: NewRequests): Promise<number[]> {
    const rows = await this.#query(ADD, [this.#nodeId(), received_at, sender, dialect, records])
    return rows.map(([id]) => Number(id)).sort((a, b) => a - b)
  }

  async listRequests(page: { after: number; limit: number; maxBytes: number }): Promise<StoredRequest[]> {
    const rows = await this.#query(LIST, [this.#nodeId(), page.after, page.limit, page.maxBytes])
    return rows.map(readRequest)
  }

  async claimAbandoned(): Promise<StoredRequest[]> {
    return (await this.#query(CLAIM, [this.#nodeId()])).map(readRequest)
  }

  async deleteRequests(ids: readonly number[]): Promise<void> {
    await this.#query(DELETE, [ids])
  }

  async #query(text: string, values: unknown[]): Promise<SqlRow[]> {
    try {
      return (await this.#pool.query<unknown[]>({ text, values, rowMode: "array" })).rows
    } catch (error) {
      throw asStoreError(error)
    }
  }
}

function readRequest([id, receivedAt, sender, dialect, records]: SqlRow): StoredRequest {
  return {
    id: Number(id),
    received_at: Number(receivedAt),
    sender: String(sender),
    dialect: String(dialect),
    records: String(records),
  }
}
