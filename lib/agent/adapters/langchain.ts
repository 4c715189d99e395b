import { messageOf } from "@/lib/agent/turn/messageOf"
import { type AdapterOptions, type AdapterRun, type AdapterTarget, openRun } from "./adapterTarget"
import type { LangChainHandler } from "./LangChainHandler"
import {
  intentOf,
  lastText,
  modelOf,
  nameOf,
  parseInput,
  personText,
  promptOf,
  readResult,
  readToolOutput,
} from "./readLangChain"

export type { AdapterOptions, AdapterTarget } from "./adapterTarget"
export type { LangChainHandler } from "./LangChainHandler"

/** One LangChain run: a chain, a model call, a tool call or a retrieval. */
type Step = AdapterRun & {
  kind: "chain" | "model" | "tool"
  name: string
  path: string[]
  isRoot: boolean
  startedAt: number
  prompt?: string | undefined
  parameters?: unknown
  end: () => void
}

/** How a step ended: with an error, or with a summary for the run. */
type Result = { error?: unknown; summary?: string | undefined }

/** Beyond this number, the oldest steps that never ended are dropped. */
const MAX_STEPS = 5_000

/**
 * Records LangChain and LangGraph: each model call, tool call and retrieval becomes a turn when it ends, with progress
 * while it runs. Chains and graph nodes form the turn's path. Given an agent, every outermost chain becomes its own
 * run; given a run, the turns are added to it.
 *
 * @example
 * import { connectAgent } from "turnline-agent"
 * import { langChainHandler } from "turnline-agent/langchain"
 *
 * const agent = connectAgent({ url: "http://localhost:3000", token: process.env.TURNLINE_TOKEN })
 * await chain.invoke(input, { callbacks: [langChainHandler(agent, { agentId: "support-bot" })] })
 */
export function langChainHandler(target: AdapterTarget, options: AdapterOptions = {}): LangChainHandler {
  const steps = new Map<string, Step>()

  function start(
    id: string,
    parentId: string | undefined,
    step: Pick<Step, "kind" | "name" | "prompt" | "parameters">,
    intent: string | undefined,
  ): void {
    const parent = parentId === undefined ? undefined : steps.get(parentId)
    const { run, isOwn } = parent ?? openRun(target, options, intent ?? step.name)
    const path = parent === undefined || parent.isRoot ? [] : [...parent.path, parent.name]
    const { kind, name, parameters } = step
    const end =
      kind === "chain"
        ? () => {}
        : run.begin(kind === "model" ? { kind, model: name } : { kind, tool: name, parameters })
    const [oldest] = steps.keys()
    if (oldest !== undefined && steps.size >= MAX_STEPS) steps.delete(oldest)
    const isRoot = parent === undefined
    steps.set(id, { run, isOwn, path, isRoot, startedAt: Date.now(), end, ...step })
  }

  function finish(id: string, record: (step: Step) => object | undefined, result: Result = {}): void {
    const step = steps.get(id)
    if (step === undefined) return
    steps.delete(id)
    step.end()
    const turn = record(step)
    if (turn !== undefined)
      step.run.turn({
        kind: step.kind,
        ...(step.path.length > 0 && { path: step.path }),
        started_at: step.startedAt,
        duration_ms: Date.now() - step.startedAt,
        ...turn,
      })
    if (!step.isRoot || !step.isOwn) return
    const summary = result.summary ?? summaryOf(turn)
    const outcome =
      "error" in result
        ? { status: "failure" as const, summary: messageOf(result.error) }
        : { status: "success" as const, ...(summary !== undefined && { summary }) }
    // Delivery continues in the background, and errors are reported by the agent.
    void step.run.complete(outcome, 0).catch(() => {})
  }

  const toolTurn = (step: Step) => ({ tool: step.name, parameters: step.parameters })
  const modelTurn = (step: Step) => ({ model: step.name, prompt: step.prompt })

  return {
    name: "turnline",
    handleChainStart(chain, inputs, runId, parentRunId, _tags, _metadata, _type, runName) {
      start(runId, parentRunId, { kind: "chain", name: runName ?? nameOf(chain) }, intentOf(inputs))
    },
    handleChainEnd: (outputs, runId) => finish(runId, () => undefined, { summary: lastText(outputs) }),
    handleChainError: (error, runId) => finish(runId, () => undefined, { error }),
    handleChatModelStart(llm, messages, runId, parentRunId, extra, _tags, metadata) {
      const batch = messages[0] ?? []
      const step = { kind: "model" as const, name: modelOf(llm, extra, metadata), prompt: promptOf(batch) }
      start(runId, parentRunId, step, personText(batch))
    },
    handleLLMStart(llm, prompts, runId, parentRunId, extra, _tags, metadata) {
      const step = {
        kind: "model" as const,
        name: modelOf(llm, extra, metadata),
        prompt: prompts.join("\n\n"),
      }
      start(runId, parentRunId, step, prompts[0])
    },
    handleLLMNewToken(token, _index, runId) {
      if (token !== "") steps.get(runId)?.run.stream(token)
    },
    handleLLMEnd: (result, runId) => finish(runId, (step) => ({ ...modelTurn(step), ...readResult(result) })),
    handleLLMError: (error, runId) => finish(runId, (step) => ({ ...modelTurn(step), error }), { error }),
    handleToolStart(tool, input, runId, parentRunId, _tags, _metadata, runName) {
      start(
        runId,
        parentRunId,
        { kind: "tool", name: runName ?? nameOf(tool), parameters: parseInput(input) },
        input,
      )
    },
    handleToolEnd: (output, runId) =>
      finish(runId, (step) => ({ ...toolTurn(step), ...readToolOutput(output) })),
    handleToolError: (error, runId) => finish(runId, (step) => ({ ...toolTurn(step), error }), { error }),
    handleRetrieverStart(retriever, query, runId, parentRunId, _tags, _metadata, name) {
      start(
        runId,
        parentRunId,
        { kind: "tool", name: name ?? nameOf(retriever), parameters: { query } },
        query,
      )
    },
    handleRetrieverEnd: (documents, runId) =>
      finish(runId, (step) => ({ ...toolTurn(step), output: documents })),
    handleRetrieverError: (error, runId) =>
      finish(runId, (step) => ({ ...toolTurn(step), error }), { error }),
  }
}

function summaryOf(turn: object | undefined): string | undefined {
  const message = turn !== undefined && "message" in turn ? turn.message : undefined
  return typeof message === "string" && message !== "" ? message : undefined
}
