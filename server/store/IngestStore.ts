/** Records of a request in a foreign format, without secrets, as it is kept until the runs that it belongs to have ended. */
export type StoredRequest = {
  id: number
  /** Epoch milliseconds. */
  received_at: number
  /** JSON of who sent it. */
  sender: string
  dialect: string
  /** JSON of its records. */
  records: string
}

/** The records of one request, in parts that are kept and deleted one by one. */
export type NewRequests = Omit<StoredRequest, "id" | "records"> & { records: readonly string[] }

/** With `among`, only requests with these ids. */
export type RequestPage = { after: number; limit: number; maxBytes: number; among?: readonly number[] }

/**
 * Where foreign requests are kept between their acknowledgement and the end of their runs, so that a restart can
 * rebuild what had not become a turn yet. Rejections are `StoreUnavailableError` or a bug.
 */
export interface IngestStore {
  /**
   * Adds the parts of one request, all or none. Resolves with their ids after the commit; ids grow in order of arrival.
   */
  addRequests(request: NewRequests): Promise<number[]>
  /** Requests after an id, oldest first, until `limit` requests or about `maxBytes` (at least one, if there is one). */
  listRequests(page: RequestPage): Promise<StoredRequest[]>
  deleteRequests(ids: readonly number[]): Promise<void>
  /**
   * Takes over all requests of a node that is gone, and resolves with their ids. One node gets all of them: they may
   * belong to the same runs. Absent in a store that only one process uses.
   */
  claimAbandoned?(): Promise<number[]>
}
