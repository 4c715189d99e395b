import { readTime } from "@/lib/protocol/tolerance/readTime"
import { jsonCopy } from "./jsonCopy"

/**
 * Converts a time to ISO 8601: a Date or an object that becomes text in JSON, text (UTC if it has no offset), or the time
 * since 1970. Returns undefined for anything else.
 */
export function isoTimeOf(time: unknown): string | undefined {
  return readTime(jsonCopy(time).value)
}
