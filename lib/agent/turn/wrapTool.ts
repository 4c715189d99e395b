import type { AgentTurn } from "@/lib/agent/AgentTurn"
import { jsonCopy } from "./jsonCopy"
import type { AgentProgress } from "./prepareProgress"

/** The part of a run that records what it does. */
export type RecordingRun = {
  begin(activity: AgentProgress): () => void
  turn(turn: AgentTurn): void
}

/**
 * Makes a function record itself as a tool call: its arguments (the only one alone, several as a list), what it gives back or throws, when and how long,
 * with progress while it runs. The function that comes back gives and throws exactly what the tool does, at once or by a promise.
 */
export function wrapTool<A extends unknown[], R>(
  run: RecordingRun,
  name: string,
  tool: (...args: A) => R,
): (...args: A) => R {
  return (...args) => {
    const startedAt = Date.now()
    // Copied before the call: a tool may change what it was given.
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
    const failed = (thrown: unknown): never => {
      record({ error: thrown ?? "thrown without a value" })
      throw thrown
    }
    let result: R
    try {
      result = tool(...args)
    } catch (thrown) {
      return failed(thrown)
    }
    if (!isThenable(result)) {
      record({ output: result })
      return result
    }
    return result.then((output) => {
      record({ output })
      return output
    }, failed) as R
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"
}
