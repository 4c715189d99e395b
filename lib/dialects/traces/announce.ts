import type { DialectProgress, Operation, StartOperation, UpdateOperation } from "@/lib/dialects/operations"
import { isoOfNanos } from "@/lib/dialects/times"
import { newestUserText } from "./prompts"
import type { Step } from "./Step"
import type { TracedRun } from "./TracedRun"

/** Starts the run once an AI step is known. Later, updates fields for which better values have become known. */
export function announce(run: TracedRun, operations: Operation[]): void {
  if (!run.isStarted) start(run, operations)
  else update(run, operations)
}

function start(run: TracedRun, operations: Operation[]): void {
  run.isStarted = true
  const labels: Record<string, string> = { ...run.sender.labels }
  if (run.session !== undefined) labels.session = run.session
  const [trace] = run.traces
  if (trace !== undefined && trace !== "") labels.trace_id = trace
  if (run.contentIsMissing) labels.content = run.sent.content = "not sent"
  const operation: StartOperation = {
    op: "start",
    key: run.key,
    agent_id: run.sender.agentId,
    intent: run.intent.text,
    labels,
    source: run.session === undefined ? run.sender.source : { session: run.session, ...run.sender.source },
  }
  const startedAt = isoOfNanos(run.startedAt)
  if (startedAt !== undefined) operation.started_at = startedAt
  if (run.agentName !== undefined) operation.agent_name = run.agentName.text
  operations.push(operation)
  remember(run)
}

function update(run: TracedRun, operations: Operation[]): void {
  const operation: UpdateOperation = { op: "update", key: run.key }
  if (run.intent.text !== run.sent.intent) operation.intent = run.intent.text
  if (run.agentName !== undefined && run.agentName.text !== run.sent.agentName)
    operation.agent_name = run.agentName.text
  if (run.session !== undefined && run.session !== run.sent.session)
    operation.labels = { session: run.session }
  const content = run.contentIsMissing === undefined ? undefined : run.contentIsMissing ? "not sent" : "sent"
  if (content !== undefined && content !== (run.sent.content ?? "sent")) {
    operation.labels = { ...operation.labels, content }
    run.sent.content = content
  }
  if (Object.keys(operation).length === 2) return
  operations.push(operation)
  remember(run)
}

function remember(run: TracedRun): void {
  run.sent.intent = run.intent.text
  if (run.agentName !== undefined) run.sent.agentName = run.agentName.text
  if (run.session !== undefined) run.sent.session = run.session
}

/** Reports the newest open step as progress, or else the newest held step. */
export function reportProgress(run: TracedRun, operations: Operation[]): void {
  const step =
    newest([...run.open.values()].filter(isWork)) ??
    newest(run.held.map((held) => held.step)) ??
    newestCompletion(run)
  const progress = step === undefined ? null : progressOf(step)
  const sent =
    progress === null ? undefined : JSON.stringify([progress.kind, progress.tool, progress.started_at])
  if (sent === run.sent.progress) return
  if (sent === undefined) delete run.sent.progress
  else run.sent.progress = sent
  operations.push({ op: "progress", key: run.key, progress })
}

function isWork(step: Step): boolean {
  return step.role === "model" || step.role === "tool"
}

function newest(steps: readonly Step[]): Step | undefined {
  return steps.reduce<Step | undefined>(
    (latest, step) => (latest === undefined || step.start >= latest.start ? step : latest),
    undefined,
  )
}

function newestCompletion(run: TracedRun): Step | undefined {
  return newest(
    [...run.completions.values()].flatMap(({ fallback }) => (fallback === undefined ? [] : [fallback])),
  )
}

function progressOf(step: Step): DialectProgress {
  const progress: DialectProgress = {
    kind: step.role === "tool" ? "tool" : step.role === "agent" ? "agent" : "model",
  }
  const startedAt = isoOfNanos(step.start)
  if (startedAt !== undefined) progress.started_at = startedAt
  if (step.role === "tool") {
    progress.tool = step.name
    if (step.tool?.arguments !== undefined) progress.parameters = step.tool.arguments
  }
  if (step.model?.model !== undefined) progress.model = step.model.model
  const prompt = step.model?.input === undefined ? undefined : newestUserText(step.model.input)
  if (prompt !== undefined) progress.prompt = prompt
  return progress
}
