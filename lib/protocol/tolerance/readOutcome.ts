import { OUTCOME_STATUSES } from "@/lib/protocol/enums"
import { readTime } from "./readTime"
import { asText, isFields } from "./values"

/** Common synonyms of the protocol's outcomes. */
const OUTCOMES: ReadonlyMap<string, string> = new Map([
  ...OUTCOME_STATUSES.map((status): [string, string] => [status, status]),
  ...["ok", "succeeded", "passed", "complete", "completed"].map((s): [string, string] => [s, "success"]),
  ...["partial", "partially_succeeded"].map((s): [string, string] => [s, "partial_success"]),
  ...["error", "errored", "failed", "crashed", "exception"].map((s): [string, string] => [s, "failure"]),
  ...["cancelled", "canceled", "aborted", "gave_up", "interrupted"].map((s): [string, string] => [
    s,
    "give_up",
  ]),
  ...["timed_out", "time_out"].map((s): [string, string] => [s, "timeout"]),
  ...["finished", "ended"].map((s): [string, string] => [s, "done"]),
])

/**
 * Converts an outcome, or just its status, to the form of the schema as far as possible. An unknown status is left
 * unchanged.
 */
export function readOutcome(value: unknown): unknown {
  if (typeof value === "string") return readOutcome({ status: value })
  if (!isFields(value)) return value
  const { status, summary, timestamp, ...others } = value
  const known =
    typeof status === "string" ? OUTCOMES.get(status.toLowerCase().replaceAll(/[ -]/g, "_")) : undefined
  const time = timestamp === null || timestamp === undefined ? undefined : readTime(timestamp)
  return {
    status: known ?? status,
    ...(summary !== null && summary !== undefined && { summary: asText(summary) }),
    ...(time !== undefined && { timestamp: time }),
    ...others,
    ...(known !== undefined && known !== status && { reported_status: status }),
    ...(time === undefined &&
      timestamp !== null &&
      timestamp !== undefined && { reported_timestamp: timestamp }),
  }
}
