/** The redacted records of a request in a foreign format. Stored until the runs that they belong to have ended. */
export type StoredRequest = {
  id: number
  /** Milliseconds since the epoch. */
  received_at: number
  /** The sender, as JSON. */
  sender: string
  dialect: string
  /** The records, as JSON. */
  records: string
}

/** A request to store. Its records are in parts that can be deleted separately. */
export type NewRequests = Omit<StoredRequest, "id" | "records"> & { records: readonly string[] }

/** Selects a page of requests. `among`: only those with these ids. */
export type RequestPage = { after: number; limit: number; maxBytes: number; among?: readonly number[] }

/**
 * Stores foreign requests from their acknowledgement to the end of their runs, so that runs in progress can be rebuilt
 * after a restart. Rejects with `StoreUnavailableError`; any other error is a bug.
 */
export interface IngestStore {
  /**
   * Adds the parts of one request, all or nothing. Resolves after the commit with their ids, which increase in order of
   * arrival.
   */
  addRequests(request: NewRequests): Promise<number[]>
  /**
   * Returns the requests after an id, oldest first: at most `limit` with about `maxBytes` in total, but at least one
   * request if there is any.
   */
  listRequests(page: RequestPage): Promise<StoredRequest[]>
  deleteRequests(ids: readonly number[]): Promise<void>
  /**
   * Takes over all requests of a node that is gone, and resolves with their ids. A single node takes over all of them,
   * because several requests may belong to the same run. Undefined for a store that only one process uses.
   */
  claimAbandoned?(): Promise<number[]>
}
