import { messageOf } from "@/lib/agent/turn/messageOf"
import {
  type AdapterOptions,
  type AdapterRun,
  type AdapterTarget,
  openRun,
  textOfContent,
} from "./adapterTarget"

export type { AdapterOptions, AdapterTarget } from "./adapterTarget"

type Serialized = { id?: readonly string[]; name?: string }
type Metadata = Record<string, unknown>
type Message = { content?: unknown; getType?(): string; _getType?(): string }
type Generation = { text?: string; message?: Message & MessageUsage }
type MessageUsage = {
  id?: string
  usage_metadata?: object
  response_metadata?: Metadata
  tool_calls?: readonly { id?: string; name: string }[]
}
type LLMResult = { generations: readonly (readonly Generation[])[]; llmOutput?: Metadata }

/**
 * A callback handler for LangChain and LangGraph. `@langchain/core` calls its methods. The parameter types declare only
 * the fields that are read, to avoid a dependency on that package.
 */
export type LangChainHandler = {
  name: string
  handleChainStart(
    chain: Serialized,
    inputs: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Metadata,
    runType?: string,
    runName?: string,
  ): void
  handleChainEnd(outputs: unknown, runId: string): void
  handleChainError(error: unknown, runId: string): void
  handleChatModelStart(
    llm: Serialized,
    messages: Message[][],
    runId: string,
    parentRunId?: string,
    extra?: Metadata,
    tags?: string[],
    metadata?: Metadata,
  ): void
  handleLLMStart(
    llm: Serialized,
    prompts: string[],
    runId: string,
    parentRunId?: string,
    extra?: Metadata,
    tags?: string[],
    metadata?: Metadata,
  ): void
  handleLLMNewToken(token: string, index: unknown, runId: string): void
  handleLLMEnd(result: LLMResult, runId: string): void
  handleLLMError(error: unknown, runId: string): void
  handleToolStart(
    tool: Serialized,
    input: string,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Metadata,
    runName?: string,
  ): void
  handleToolEnd(output: unknown, runId: string): void
  handleToolError(error: unknown, runId: string): void
  handleRetrieverStart(
    retriever: Serialized,
    query: string,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Metadata,
    name?: string,
  ): void
  handleRetrieverEnd(documents: unknown, runId: string): void
  handleRetrieverError(error: unknown, runId: string): void
}

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
        { kind: "tool", name: runName ?? nameOf(tool), parameters: parse(input) },
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

function nameOf({ name, id }: Serialized = {}): string {
  return name ?? id?.at(-1) ?? "chain"
}

function modelOf(llm: Serialized, extra: Metadata | undefined, metadata: Metadata | undefined): string {
  const parameters = (extra?.invocation_params ?? {}) as Metadata
  const name = metadata?.ls_model_name ?? parameters.model ?? parameters.model_name ?? nameOf(llm)
  return String(name)
}

function typeOf(message: Message): string {
  return message.getType?.() ?? message._getType?.() ?? ""
}

/**
 * Returns the messages that no earlier turn has recorded: the system messages, on the first call only, and the last
 * message if it is the user's.
 */
function promptOf(messages: readonly Message[]): string | undefined {
  const system = messages
    .filter((message) => typeOf(message) === "system")
    .map(({ content }) => textOfContent(content))
  const newest = messages.at(-1)
  const person = newest !== undefined && typeOf(newest) === "human" ? [textOfContent(newest.content)] : []
  const isFirst = messages.every((message) => ["system", "human"].includes(typeOf(message)))
  const texts = [...(isFirst ? system : []), ...person].filter((text) => text !== undefined)
  return texts.length > 0 ? texts.join("\n\n") : undefined
}

function personText(messages: readonly Message[]): string | undefined {
  return textOfContent(messages.findLast((message) => typeOf(message) === "human")?.content)
}

function intentOf(inputs: unknown): string | undefined {
  if (typeof inputs === "string") return inputs
  if (typeof inputs !== "object" || inputs === null) return undefined
  const { input, question, query, messages } = inputs as Metadata
  const text = [input, question, query].find((value) => typeof value === "string")
  if (typeof text === "string") return text
  return Array.isArray(messages) ? personText(messages as Message[]) : undefined
}

function lastText(outputs: unknown): string | undefined {
  if (typeof outputs === "string") return outputs
  if (typeof outputs !== "object" || outputs === null) return undefined
  const { output, content, messages } = outputs as Metadata
  if (Array.isArray(messages)) return textOfContent((messages.at(-1) as Message | undefined)?.content)
  return textOfContent(output ?? content)
}

function readResult({ generations, llmOutput }: LLMResult): object {
  const generation = generations[0]?.[0]
  const message = generation?.message
  const calls = message?.tool_calls ?? []
  const finishReason = message?.response_metadata?.finish_reason ?? message?.response_metadata?.stop_reason
  return {
    message: textOfContent(message?.content) ?? generation?.text,
    usage: message?.usage_metadata ?? llmOutput?.tokenUsage,
    response_id: message?.id,
    attributes: {
      ...(finishReason !== undefined && { finish_reason: finishReason }),
      ...(calls.length > 0 && { tool_calls: calls.map(({ id, name }) => ({ id, name })) }),
    },
  }
}

/** Tools return a plain value or a ToolMessage. */
function readToolOutput(output: unknown): object {
  if (typeof output !== "object" || output === null || !("content" in output)) return { output }
  const { content, tool_call_id, status } = output as {
    content: unknown
    tool_call_id?: string
    status?: string
  }
  return {
    ...(status === "error" ? { error: textOfContent(content) ?? content } : { output: content }),
    call_id: tool_call_id,
  }
}

function summaryOf(turn: object | undefined): string | undefined {
  const message = turn !== undefined && "message" in turn ? turn.message : undefined
  return typeof message === "string" && message !== "" ? message : undefined
}

function parse(input: string): unknown {
  try {
    return JSON.parse(input)
  } catch {
    return input
  }
}
