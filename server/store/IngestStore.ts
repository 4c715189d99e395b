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

/** The records of one request, in parts that are deleted separately. */
export type NewRequests = Omit<StoredRequest, "id" | "records"> & { records: readonly string[] }

/** A page of requests. `among`: only requests with these ids. */
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
  /** Returns requests after an id, oldest first: up to `limit` or about `maxBytes`, but at least one if there is one. */
  listRequests(page: RequestPage): Promise<StoredRequest[]>
  deleteRequests(ids: readonly number[]): Promise<void>
  /**
   * Takes over all requests of a node that is gone, and resolves with their ids. Only one node gets them, because they may
   * belong to the same runs. Undefined for a store that only one process uses.
   */
  claimAbandoned?(): Promise<number[]>
}
