import type { QueryArrayResult } from "pg"

export type Answer = Promise<QueryArrayResult<unknown[]>>

/** Sends a statement, prepared under its name, without awaiting the ones before it. */
export type Send = (name: string, text: string, values?: readonly unknown[]) => Answer
