import type { QueryArrayResult } from "pg"

export type StatementResult = Promise<QueryArrayResult<unknown[]>>

/** Sends a prepared statement without awaiting the previous ones. */
export type Send = (name: string, text: string, values?: readonly unknown[]) => StatementResult
