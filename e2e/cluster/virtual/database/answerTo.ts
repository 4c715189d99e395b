import { completeFrame, IDLE, IN_TRANSACTION, QUERY, queryText, readyFrame } from "./Frames"

/** Timeouts of clients. PostgreSQL's own run by real time, so they are turned off and simulated by virtual time. */
export const TIMEOUTS = /\b(statement_timeout|lock_timeout|idle_in_transaction_session_timeout) = (\d+)/g
const SETS_TIMEOUTS =
  /^(SET (statement_timeout|lock_timeout|idle_in_transaction_session_timeout) = \d+(; )?)+$/

type Answer = {
  replies: Buffer[]
  begins?: boolean
  listens?: boolean
  timeouts?: Record<string, number>
}

/**
 * Answers a message of a client outside a transaction if that needs no database, which saves a round trip. Returns
 * undefined if the database must answer. The database begins the transaction together with its first statement.
 */
export function answerTo(frame: Buffer): Answer | undefined {
  if (frame[0] !== QUERY) return undefined
  const text = queryText(frame)
  if (text === "BEGIN") return { replies: [completeFrame("BEGIN"), readyFrame(IN_TRANSACTION)], begins: true }
  if (text.startsWith("LISTEN "))
    return { replies: [completeFrame("LISTEN"), readyFrame(IDLE)], listens: true }
  if (!SETS_TIMEOUTS.test(text)) return undefined
  const timeouts = [...text.matchAll(TIMEOUTS)].map(([, name, ms]) => [String(name), Number(ms)] as const)
  return {
    replies: [...timeouts.map(() => completeFrame("SET")), readyFrame(IDLE)],
    timeouts: Object.fromEntries(timeouts),
  }
}
