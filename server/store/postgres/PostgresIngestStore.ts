import type { Pool } from "pg"
import type { IngestStore, NewRequests, RequestPage, StoredRequest } from "@/server/store/IngestStore"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { asStoreError } from "./postgresErrors"
import type { SqlRow } from "./runRow"

const ADD = `INSERT INTO ingest_requests (node_id, received_at, sender, dialect, records)
  SELECT $1, $2, $3, $4, p.records FROM unnest($5::text[]) WITH ORDINALITY AS p (records, place) ORDER BY p.place
  RETURNING id`
/** Advisory lock that lets only one node claim requests at a time. An arbitrary number. */
const CLAIM_LOCK = 724_830
/**
 * Claims the requests of one node that is gone. A node is gone once its row has been deleted; until then, it may renew
 * its lease and continue. Claims nothing while another node is claiming.
 */
const CLAIM = `WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(${CLAIM_LOCK}, hashtext(current_schema())) AS mine)
  UPDATE ingest_requests r SET node_id = $1 WHERE (SELECT mine FROM turn)
    AND r.node_id = (SELECT i.node_id FROM ingest_requests i
      WHERE NOT EXISTS (SELECT 1 FROM nodes n WHERE n.node_id = i.node_id) ORDER BY i.id LIMIT 1)
  RETURNING r.id`
const LIST = `SELECT p.id, p.received_at, p.sender, p.dialect, p.records FROM (
    SELECT *, sum(octet_length(records)) OVER (ORDER BY id) AS bytes, row_number() OVER (ORDER BY id) AS place
    FROM ingest_requests WHERE node_id = $1 AND id > $2 AND ($5::bigint[] IS NULL OR id = ANY($5)) ORDER BY id LIMIT $3) p
  WHERE p.bytes <= $4 OR p.place = 1 ORDER BY p.id`
const DELETE = "DELETE FROM ingest_requests WHERE id = ANY($1::bigint[])"

/** Foreign requests in a PostgreSQL database. Each belongs to the node that received it, until that node is gone. */
export class PostgresIngestStore implements IngestStore {
  readonly #pool: Pool
  readonly #nodeId: () => string | undefined

  /** `nodeId`: this node's id in the database; undefined while it has none. */
  constructor(pool: Pool, nodeId: () => string | undefined) {
    this.#pool = pool
    this.#nodeId = nodeId
  }

  async addRequests({ received_at, sender, dialect, records }: NewRequests): Promise<number[]> {
    const rows = await this.#query(ADD, [this.#node(), received_at, sender, dialect, records])
    return rows.map(([id]) => Number(id)).sort((a, b) => a - b)
  }

  async listRequests({ after, limit, maxBytes, among }: RequestPage): Promise<StoredRequest[]> {
    const rows = await this.#query(LIST, [this.#node(), after, limit, maxBytes, among ?? null])
    return rows.map(readRequest)
  }

  async claimAbandoned(): Promise<number[]> {
    return (await this.#query(CLAIM, [this.#node()])).map(([id]) => Number(id))
  }

  async deleteRequests(ids: readonly number[]): Promise<void> {
    await this.#query(DELETE, [ids])
  }

  /** Returns this node's id. Throws if this node has no lease, because each request must belong to a node. */
  #node(): string {
    const id = this.#nodeId()
    if (id === undefined) throw new StoreUnavailableError("This node has no lease")
    return id
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
