import type { AgentProgress, AgentTurn } from "@/lib/agent/AgentTurn"
import { jsonCopy } from "./jsonCopy"

/** The part of a run that records what it does. */
export type RecordingRun = {
  begin(activity: AgentProgress): () => void
  turn(turn: AgentTurn): void
}

/**
 * Wraps a function so that each call is recorded as a tool call: its arguments (a single one as it is, several as an
 * array), result or error, start and duration, with progress while it runs. The wrapped function returns exactly
 * what the tool returns, and throws what it throws, synchronously or through its promise.
 */
export function wrapTool<A extends unknown[], R>(
  run: RecordingRun,
  name: string,
  tool: (...args: A) => R,
): (...args: A) => R {
  return (...args) => {
    const startedAt = Date.now()
    // Copied before the call, because a tool may change its arguments.
    const parameters = jsonCopy(args.length > 1 ? args : args[0]).value
    const end = run.begin({ kind: "tool", tool: name, parameters, started_at: startedAt })
    const record = (result: { output?: unknown; error?: unknown }) => {
      end()
      run.turn({
        kind: "tool",
        tool: name,
        parameters,
        ...result,
        started_at: startedAt,
        duration_ms: Date.now() - startedAt,
      })
    }
    const fail = (thrown: unknown): never => {
      record({ error: thrown ?? "thrown without a value" })
      throw thrown
    }
    let result: R
    try {
      result = tool(...args)
    } catch (thrown) {
      return fail(thrown)
    }
    if (!isThenable(result)) {
      record({ output: result })
      return result
    }
    return result.then((output) => {
      record({ output })
      return output
    }, fail) as R
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"
}
