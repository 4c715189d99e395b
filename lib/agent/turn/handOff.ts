import type { AgentOutcome, ChildLink, RunOptions } from "@/lib/agent/AgentTurn"
import { messageOf } from "./messageOf"
import type { RecordingRun } from "./wrapTool"

type ChildRun = ChildLink & {
  readonly ended: boolean
  complete(outcome: AgentOutcome, timeoutMs: number): Promise<unknown>
}
type ParentRun<Child> = RecordingRun & { child(options: RunOptions): Child }

/**
 * Starts a child run, does the work in it, and records the hand-off as a turn of the parent that links to the child.
 * If the work doesn't complete the child itself, the child ends as `done`, or as `failure` if the work throws.
 *
 * @returns what the work returns.
 * @throws what the work throws.
 */
export async function handOff<Child extends ChildRun, T>(
  parent: ParentRun<Child>,
  options: RunOptions,
  work: (child: Child) => Promise<T>,
): Promise<T> {
  const startedAt = Date.now()
  const child = parent.child(options)
  const tool = options.agentName ?? options.agentId
  const named = tool === undefined ? {} : { tool }
  const end = parent.begin({ kind: "agent", ...named, prompt: options.intent, started_at: startedAt })
  const record = (result: { output?: unknown; error?: unknown }) => {
    end()
    parent.turn({
      kind: "agent",
      ...named,
      prompt: options.intent,
      ...result,
      child,
      started_at: startedAt,
      duration_ms: Date.now() - startedAt,
    })
  }
  try {
    const output = await work(child)
    if (!child.ended) void child.complete({ status: "done" }, 0).catch(() => {})
    record({ output })
    return output
  } catch (thrown) {
    if (!child.ended)
      void child.complete({ status: "failure", summary: messageOf(thrown) }, 0).catch(() => {})
    record({ error: thrown ?? "thrown without a value" })
    throw thrown
  }
}
