import type { TraceEvent, TraceRecord } from "@/lib/protocol/events"
import { stringifyExact } from "@/lib/protocol/exactNumbers"
import type { Progress, RunSummary } from "@/lib/protocol/run"
import { withoutEnd } from "@/lib/trace/state/runStage"

/** An event about a run; `cursor` is the run's own unless the record holds turns. */
export function traceEvent(run: RunSummary, record: TraceRecord, cursor = run.cursor): TraceEvent {
  return { run_id: run.run_id, agent_id: run.agent_id, record, cursor, status: run.status }
}

/** An event that says that an ended run is in progress again, even if it has ended once more since. */
export function reopenedEvent(run: RunSummary): TraceEvent {
  const open = run.status === "in_progress" ? run : withoutEnd(run, false)
  return traceEvent(open, { record: "run", run: open })
}

/** A `turns` event as JSON text, from the texts of stored turns: the same bytes as the live event of these turns. */
export function turnsText(run: RunSummary, from: number, turns: readonly string[]): string {
  return eventText(run, `{"record":"turns","from":${from},"turns":[${turns.join(",")}]}`, from + turns.length)
}

/** A `snapshot` event as JSON text. `progress` is left out unless the snapshot reaches the live edge. */
export function snapshotText(
  run: RunSummary,
  from: number,
  turns: readonly string[],
  more: boolean,
  progress: Progress | undefined,
): string {
  const last = progress === undefined ? "" : `,"progress":${stringifyExact(progress)}`
  const body = `"from":${from},"turns":[${turns.join(",")}],"more":${more}${last}`
  return eventText(run, `{"record":"snapshot","run":${stringifyExact(run)},${body}}`, from + turns.length)
}

function eventText(run: RunSummary, record: string, cursor: number): string {
  const names = `"run_id":${JSON.stringify(run.run_id)},"agent_id":${JSON.stringify(run.agent_id)}`
  return `{${names},"record":${record},"cursor":${cursor},"status":"${run.status}"}`
}
