/** Records of a session, in the order in which they were written. */
export type RecordFeed = {
  /** Reads what is new, up to a bound; fewer than there are when `more` is true. */
  read(): FeedRead
}

export type FeedRead = {
  records: unknown[]
  more: boolean
  /** The records begin from the start again: the file was replaced or truncated. */
  restarted: boolean
  /** Lines that are not JSON. */
  unreadable: number
}

export const NOTHING: FeedRead = { records: [], more: false, restarted: false, unreadable: 0 }
