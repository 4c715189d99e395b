/** The records of a session, in the order in which they were written. */
export type RecordFeed = {
  /** Reads new records, up to a limit. `more` is true if there are further records. */
  read(): FeedRead
}

export type FeedRead = {
  records: unknown[]
  more: boolean
  /** True if the file was replaced or truncated, so that the records start from the beginning again. */
  restarted: boolean
  /** The number of lines that aren't JSON. */
  unreadable: number
}

export const NOTHING: FeedRead = { records: [], more: false, restarted: false, unreadable: 0 }
