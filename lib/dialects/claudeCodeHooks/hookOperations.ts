import { asObject, asText } from "@/lib/dialects/json"
import type {
  DialectTurn,
  ForeignTime,
  Operation,
  ProgressOperation,
  WaitOperation,
} from "@/lib/dialects/operations"
import type { HookRun } from "./HookRun"

export function answer(run: HookRun, text: string, at: ForeignTime): Operation[] {
  run.lastText = text
  if (text === "") return []
  return [turn(run, { kind: "model", message: text, ...period(run.lastAt ?? at, at) })]
}

/** Returns the start and duration of a step that hooks report only once it has ended. */
export function period(
  start: ForeignTime,
  end: ForeignTime,
): Pick<DialectTurn, "started_at" | "duration_ms"> {
  const ms = Date.parse(end) - Date.parse(start)
  return ms >= 0 ? { started_at: start, duration_ms: ms } : { started_at: start }
}

export function end(run: HookRun, at: ForeignTime): Operation {
  const base = { op: "end" as const, key: run.key, ended_at: at }
  if (run.modelError !== undefined) return { ...base, status: "failure", summary: run.modelError }
  if (run.promptOpen) return { ...base, status: "give_up", summary: "The prompt was never answered" }
  return run.lastText === undefined
    ? { ...base, status: "done" }
    : { ...base, status: "done", summary: run.lastText }
}

/** Returns the progress after a result: the next open call, or else the model's answer. */
export function next(run: HookRun, at: ForeignTime): Operation {
  const [call] = run.calls.values()
  if (call === undefined) return progress(run, { kind: "model", started_at: at })
  return progress(run, { kind: "tool", tool: call.name, parameters: call.input, started_at: call.at })
}

export function callText(event: { readonly tool_name?: unknown; readonly tool_input?: unknown }): string {
  const argument = Object.values(asObject(event.tool_input) ?? {}).find(
    (value) => asText(value) !== undefined,
  )
  const line = asText(argument)?.split("\n")[0]?.slice(0, 300)
  return [asText(event.tool_name) ?? "a call", line].filter(Boolean).join(" ")
}

export function turn(run: HookRun, body: DialectTurn): Operation {
  return { op: "turn", key: run.key, turn: body }
}

export function wait(run: HookRun, waiting: WaitOperation["waiting"]): Operation {
  return { op: "wait", key: run.key, waiting }
}

export function progress(run: HookRun, body: ProgressOperation["progress"]): Operation {
  return { op: "progress", key: run.key, progress: body }
}
