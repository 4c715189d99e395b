import { defined } from "./json"
import type { EndOperation, ForeignTime, RunKey } from "./operations"

type EndedSession = {
  modelError: string | undefined
  promptOpen: boolean
  interrupted: boolean
  lastAnswer: string | undefined
  seenAt: ForeignTime | undefined
}

/**
 * Builds the end of a run whose process has ended. `died`: the process was killed, or ended while a call was running.
 * `tool` names that call.
 */
export function sessionEnd(
  key: RunKey,
  session: EndedSession,
  {
    died,
    tool,
    at = session.seenAt,
  }: { died: boolean; tool?: string | undefined; at?: ForeignTime | undefined },
): EndOperation {
  const end = (status: "done" | "failure" | "give_up", summary: string | undefined): EndOperation =>
    defined<EndOperation>({ op: "end", key, status, summary, ended_at: at })
  if (session.modelError !== undefined) return end("failure", session.modelError)
  if (died)
    return end(
      "failure",
      tool === undefined ? "The process died" : `The process died while ${tool} was running`,
    )
  if (!session.promptOpen) return end("done", session.lastAnswer)
  return end("give_up", session.interrupted ? "Interrupted by the user" : "The prompt was never answered")
}
