import { asCount, asNumber, asObject, defined, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn } from "@/lib/dialects/operations"
import { emptyLedger, type Tokens } from "./CostLedger"
import type { ClaudeCodeState } from "./state"
import { systemTurn } from "./systemTurns"

export function noteAnswer({ costs }: ClaudeCodeState, model: string | undefined, usage: JsonObject): void {
  const name = model ?? ""
  costs.answered.set(name, add(costs.answered.get(name), readTokens(usage, SNAKE)))
}

export function noteCompaction({ costs }: ClaudeCodeState, record: JsonObject): void {
  costs.compacted += asNumber(asObject(record.compactMetadata)?.preTokens) ?? 0
}

/**
 * Computes the usage of the model call that summarized a conversation. Claude Code doesn't record that call, but the
 * totals that it writes when its process exits include it. The call's usage is therefore the difference between the
 * totals and the recorded answers. A difference that is too large for a summary of that conversation is ignored.
 */
export function takeTotals(state: ClaudeCodeState, record: JsonObject): DialectTurn[] {
  const { totals: before, answered, compacted, hasAgents } = state.costs
  const totals = new Map<string, Tokens>()
  for (const [model, usage] of Object.entries(asObject(record.modelUsage) ?? {}))
    totals.set(model, readTokens(asObject(usage) ?? {}, CAMEL))
  state.costs = { ...emptyLedger(), totals }
  const model = state.model ?? ""
  const now = totals.get(model)
  if (compacted === 0 || hasAgents || now === undefined) return []
  const left = subtract(subtract(now, before.get(model)), answered.get(model))
  const input = left.input + left.cached + left.created
  if (Math.min(left.input, left.cached, left.created, left.output) < 0) return []
  if (input === 0 || input > compacted * 1.25 + 2_000) return []
  return [
    systemTurn(
      "usage",
      { timestamp: state.seenAt },
      {
        message: "Tokens used to summarize the conversation",
        model,
        usage: defined<NonNullable<DialectTurn["usage"]>>({
          input_tokens: input,
          output_tokens: left.output,
          cached_input_tokens: left.cached,
          cache_creation_input_tokens: left.created,
        }),
      },
    ),
  ]
}

type Names = { [field in keyof Tokens]: string }
const SNAKE: Names = {
  input: "input_tokens",
  cached: "cache_read_input_tokens",
  created: "cache_creation_input_tokens",
  output: "output_tokens",
}
const CAMEL: Names = {
  input: "inputTokens",
  cached: "cacheReadInputTokens",
  created: "cacheCreationInputTokens",
  output: "outputTokens",
}

function readTokens(usage: JsonObject, names: Names): Tokens {
  const read = (name: string) => asCount(usage[name]) ?? 0
  return {
    input: read(names.input),
    cached: read(names.cached),
    created: read(names.created),
    output: read(names.output),
  }
}

function add(a: Tokens | undefined, b: Tokens): Tokens {
  return combine(a, b, 1)
}

function subtract(a: Tokens, b: Tokens | undefined): Tokens {
  return b === undefined ? a : combine(a, b, -1)
}

function combine(a: Tokens | undefined, b: Tokens, sign: 1 | -1): Tokens {
  return {
    input: (a?.input ?? 0) + sign * b.input,
    cached: (a?.cached ?? 0) + sign * b.cached,
    created: (a?.created ?? 0) + sign * b.created,
    output: (a?.output ?? 0) + sign * b.output,
  }
}
