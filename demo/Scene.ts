import type { AgentTurn, Run, RunOptions } from "@/lib/agent/connectAgent"
import type { AgentOutcome } from "@/lib/protocol/run"
import type { Chance } from "./Chance"
import { costOf, type Model } from "./models"
import { InterruptedError, type Pace } from "./Pace"

export type Play = (scene: Scene) => Promise<AgentOutcome>

type Thought = { prompt?: string; thinking?: string; message: string; attributes?: Record<string, unknown> }
type Call = Pick<AgentTurn, "output" | "error" | "verifier_verdict" | "policy_rejected"> & {
  ms?: number
  exit?: number
}

/** The initial size of a conversation in tokens: the instructions and tool definitions. */
const FIRST_CONTEXT_TOKENS = 2_400

/**
 * A run in progress and what an agent can do in it. Each step shows progress while it runs and is recorded when done.
 */
export class Scene {
  private contextTokens = FIRST_CONTEXT_TOKENS

  constructor(
    readonly run: Run,
    readonly chance: Chance,
    readonly pace: Pace,
    readonly model: Model,
    private readonly above: readonly AbortSignal[] = [],
  ) {}

  /** Waits. Throws `InterruptedError` if someone has requested cancellation of this run or of a run above it. */
  wait(ms: number): Promise<void> {
    return this.pace.wait(ms, this.run.signal, ...this.above)
  }

  /** A model call: a pause, then text that streams in. */
  async think(thought: Thought): Promise<void> {
    const { run, chance, model } = this
    const started_at = Date.now()
    run.progress({
      kind: "model",
      model: model.name,
      started_at,
      ...(thought.prompt && { prompt: thought.prompt }),
    })
    await this.wait(chance.skewed(400, 3_500))
    await this.stream(thought.message)
    const output_tokens = tokensIn(thought.message) + tokensIn(thought.thinking ?? "")
    const cached_input_tokens = chance.maybe(0.8) ? Math.round(this.contextTokens * 0.85) : 0
    const input_tokens = this.contextTokens + tokensIn(thought.prompt ?? "")
    const usage = {
      input_tokens,
      output_tokens,
      cached_input_tokens,
      ...(thought.thinking && { reasoning_tokens: tokensIn(thought.thinking) }),
    }
    run.turn({
      kind: "model",
      model: model.name,
      ...thought,
      usage,
      cost_usd: costOf(model, usage),
      started_at,
    })
    this.contextTokens = input_tokens + output_tokens
  }

  /** A tool call that takes a while. */
  async call(tool: string, parameters: unknown, result: Call): Promise<void> {
    const { ms = this.chance.skewed(150, 4_000), exit, ...turn } = result
    const end = this.run.begin({ kind: "tool", tool, parameters, started_at: Date.now() })
    const started_at = Date.now()
    try {
      await this.wait(ms)
    } finally {
      end()
    }
    this.contextTokens += Math.min(6_000, tokensIn(JSON.stringify(turn.output ?? "")))
    this.run.turn({
      kind: "tool",
      tool,
      parameters,
      ...turn,
      ...(exit !== undefined && { cli_outcome: { exit_code: exit } }),
      started_at,
    })
  }

  /** Waits for a person and records the reply. */
  async ask(words: string, answer: string, ms: number): Promise<void> {
    const started_at = Date.now()
    await this.run.waitFor(words, this.wait(ms))
    this.run.turn({ kind: "human", prompt: words, message: answer, started_at })
  }

  /** Records something that happened to the agent, as opposed to something it did. */
  note(event: string, message: string, attributes: Record<string, unknown> = {}): void {
    this.run.turn({ kind: "system", event, message, attributes })
  }

  /** Hands part of the work to another agent and records a turn that links to the child run. */
  async handOff(options: RunOptions, play: Play): Promise<AgentOutcome> {
    return this.run.handOff(options, async (child) => {
      const above = [this.run.signal, ...this.above]
      const chance = this.chance.fork(options.intent)
      const outcome = await playOut(new Scene(child, chance, this.pace, this.model, above), play)
      void child.complete(outcome, 0)
      await this.wait(0)
      return outcome
    })
  }

  /** Compacts the conversation when it has become too long: records a turn about that, and continues from a summary. */
  compact(): void {
    const before = this.contextTokens
    this.contextTokens = Math.round(before * 0.3)
    this.note("compaction", "The conversation was replaced by a summary.", {
      tokens_before: before,
      tokens_after: this.contextTokens,
    })
  }

  private async stream(text: string): Promise<void> {
    const words = text.match(/\S+\s*/g) ?? []
    const perChunk = Math.max(3, Math.ceil(words.length / 120))
    for (let i = 0; i < words.length; i += perChunk) {
      this.run.stream(words.slice(i, i + perChunk).join(""))
      await this.wait(this.chance.whole(40, 140))
    }
  }
}

/**
 * Plays a scene to its end. If cancellation was requested or the fleet is stopped, the outcome is `give_up`; after any
 * other error, it is `failure`.
 */
export async function playOut(scene: Scene, play: Play): Promise<AgentOutcome> {
  try {
    return await play(scene)
  } catch (thrown) {
    const summary = thrown instanceof Error ? thrown.message : String(thrown)
    if (thrown instanceof InterruptedError) return { status: "give_up", summary: `Stopped: ${summary}` }
    return { status: "failure", summary }
  }
}

function tokensIn(text: string): number {
  return Math.ceil(text.length / 4)
}
