import type { TraceRecord } from "@/lib/protocol/events"
import { stringifyExact } from "@/lib/protocol/exactNumbers"
import type { Progress, RunSummary } from "@/lib/protocol/run"
import type { EncodedEvent } from "./Subscriber"

/** Encodes an event without turns. */
export function encodeRecord(
  run: RunSummary,
  record: Exclude<TraceRecord, { record: "snapshot" | "turns" }>,
): EncodedEvent {
  return encode(run, stringifyExact(record), run.cursor)
}

/** Encodes turns that are already JSON: newly stored ones and those read from the log. */
export function encodeTurns(run: RunSummary, from: number, turns: readonly string[]): EncodedEvent {
  const record = `{"record":"turns",${range(from, turns)}}`
  return encode(run, record, from + turns.length, `,"totals":${JSON.stringify(run.totals)}`)
}

/** Encodes the first event of a subscription. `more`: further turns follow. */
export function encodeSnapshot(
  run: RunSummary,
  from: number,
  turns: readonly string[],
  more: boolean,
  progress: Progress | undefined,
): EncodedEvent {
  const pending = progress === undefined ? "" : `,"progress":${stringifyExact(progress)}`
  const record = `{"record":"snapshot","run":${stringifyExact(run)},${range(from, turns)},"more":${more}${pending}}`
  return encode(run, record, from + turns.length)
}

function range(from: number, turns: readonly string[]): string {
  return `"from":${from},"turns":[${turns.join(",")}]`
}

function encode(
  { run_id, agent_id, status }: RunSummary,
  record: string,
  cursor: number,
  more = "",
): EncodedEvent {
  const ids = `"run_id":${JSON.stringify(run_id)},"agent_id":${JSON.stringify(agent_id)}`
  const json = `{${ids},"record":${record},"cursor":${cursor},"status":"${status}"${more}}`
  return { name: "runs.trace.event", json }
}
