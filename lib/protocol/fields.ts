import { z } from "zod"
import { fitsBytes } from "./bytes"
import { LIMITS } from "./limits"
import { RELATIVE_TIME } from "./relativeTime"

/** Any JSON value. `checkShape` bounds its depth and number of keys before a schema validates it. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export const json = z.custom<Json>((value) => value !== undefined)

/** A string of at most `max` UTF-8 bytes, stored verbatim. */
export const text = (max: number) =>
  z.string().refine((value) => fitsBytes(value, max), { error: `longer than ${max} bytes` })

export const agentId = z
  .string()
  .regex(/^[A-Za-z0-9._:/@-]{1,128}$/, { error: "1-128 characters of A-Z a-z 0-9 . _ : / @ -" })
export const runId = z.string().min(1).max(LIMITS.runIdChars)
export const idempotencyKey = z.string().min(1).max(LIMITS.idempotencyKeyChars)
export const count = z.int().min(0)
export const relativeTime = z.string().regex(RELATIVE_TIME, { error: "a time such as 15m, 1h or 7d" })
export const isoTime = z.iso.datetime({ offset: true })
export const name = text(LIMITS.nameBytes)
export const labels = z
  .record(text(LIMITS.labelBytes), text(LIMITS.labelBytes))
  .refine((value) => Object.keys(value).length <= LIMITS.labels, {
    error: `more than ${LIMITS.labels} labels`,
  })
