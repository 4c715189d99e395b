import { BIND, EXECUTE, frameOf, PARSE } from "./Frames"

/** Messages that prepare the statements that set a session's clock, outside and within a transaction. */
export const PREPARE_CLOCK = [
  "SELECT set_config('virtual.clock', $1, false), set_config('virtual.now', $1, false)",
  "SELECT set_config('virtual.clock', $1, false)",
].map((sql, at) => frameOf(PARSE, Buffer.from(`clock${at}\0${sql}\0\0\0`)))
const EXECUTE_FRAME = frameOf(EXECUTE, Buffer.alloc(5))
/** A row and the end of the statement. */
const EXECUTE_REPLIES = 2

/** Returns the messages that execute a statement of `PREPARE_CLOCK`. */
export function setClock(ms: number, isInTransaction: boolean): Buffer[] {
  const value = Buffer.from(String(ms))
  const head = Buffer.from(`\0clock${isInTransaction ? 1 : 0}\0`)
  // No formats of parameters, one parameter with its length, no formats of results.
  const count = Buffer.from([0, 0, 0, 1, 0, 0, 0, value.length])
  return [frameOf(BIND, head, count, value, Buffer.alloc(2)), EXECUTE_FRAME]
}

/** Returns how many messages answer these messages. */
export function replyCount(messages: readonly Buffer[]): number {
  return messages.reduce((sum, message) => sum + (message === EXECUTE_FRAME ? EXECUTE_REPLIES : 1), 0)
}
