/** A request in a foreign format, without secrets, as it is kept until the runs that it belongs to have ended. */
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

/**
 * Where foreign requests are kept between their acknowledgement and the end of their runs, so that a restart can
 * rebuild what had not become a turn yet. Rejections are `StoreUnavailableError` or a bug.
 */
export interface IngestStore {
  /** Resolves with the request's id after the commit; ids grow in order of arrival. */
  addRequest(request: Omit<StoredRequest, "id">): Promise<number>
  /** Requests after an id, oldest first, until `limit` requests or about `maxBytes` (at least one, if there is one). */
  listRequests(page: { after: number; limit: number; maxBytes: number }): Promise<StoredRequest[]>
  deleteRequests(ids: readonly number[]): Promise<void>
  /** Takes over requests of nodes that are gone, oldest first. Absent in a store that only one process uses. */
  claimAbandoned?(): Promise<StoredRequest[]>
}
