import type { CommandInput } from "@/lib/protocol/catalog"
import type { Client } from "./fixtures"

type Start = Extract<CommandInput<"runs.start">, { intent: string }>
export type TurnIn = CommandInput<"runs.record_turns">["turns"][number]

/** Starts a run and returns its id. */
export async function startRun(agent: Client, start: Partial<Start> & { intent: string }): Promise<string> {
  const started = await agent.ask("runs.start", { agent_id: "e2e/worker", ...start })
  if (!started.ok) throw new Error(started.error.message)
  return started.run_id
}

/** Appends turns, in batches of at most 100. */
export async function recordTurns(agent: Client, run_id: string, turns: TurnIn[]): Promise<void> {
  for (let from = 0; from < turns.length; from += 100) {
    const reply = await agent.ask("runs.record_turns", { run_id, turns: turns.slice(from, from + 100) })
    if (!reply.ok) throw new Error(reply.error.message)
  }
}

/** Ends a run. */
export async function completeRun(
  agent: Client,
  run_id: string,
  status: CommandInput<"runs.complete">["outcome"]["status"] = "success",
  summary = "All done",
): Promise<void> {
  const reply = await agent.ask("runs.complete", { run_id, outcome: { status, summary } })
  if (!reply.ok) throw new Error(reply.error.message)
}

/** Sets an agent's pending turn; null clears it. */
export async function reportProgress(
  agent: Client,
  run_id: string,
  progress: CommandInput<"runs.report_progress">["progress"],
): Promise<void> {
  const reply = await agent.ask("runs.report_progress", { run_id, progress })
  if (!reply.ok) throw new Error(reply.error.message)
}

/** Returns `count` tool calls named by their position, starting at `from`. */
export function someTurns(count: number, from = 0): TurnIn[] {
  return Array.from({ length: count }, (_, k) => ({
    tool: "bash",
    parameters: { command: `step ${from + k}` },
    output: `done ${from + k}\n${"a line of output\n".repeat(30)}`,
  }))
}

/** One turn of each kind: message, tool call, hand-off, human reply, event. One failed, one changed a file. */
export const ONE_OF_EACH: TurnIn[] = [
  {
    kind: "model",
    model: "mica-2",
    prompt: "Why does the test fail?",
    message:
      "# A **race**\n\n- in `auth`\n- see [the log](https://example.com/log)\n\n| a | b |\n| --- | --- |\n| 1 | 2 |",
    thinking: "Perhaps the clock.",
    usage: { input_tokens: 1200, output_tokens: 80, cached_input_tokens: 900 },
    cost_usd: 0.0123,
    duration_ms: 1800,
  },
  {
    tool: "bash",
    parameters: { command: "npm test -- auth", cwd: "/work", env: { CI: "true" } },
    output: "\u001b[31mFAIL\u001b[0m src/auth.test.ts\n  Expected 200, got 401",
    error: { message: "exit code 1", type: "ToolError" },
    duration_ms: 4100,
  },
  {
    tool: "edit",
    parameters: { path: "src/auth.ts" },
    output:
      "--- a/src/auth.ts\n+++ b/src/auth.ts\n@@ -1,2 +1,2 @@\n-const wait = 10\n+const wait = 100\n keep",
    duration_ms: 90,
  },
  { kind: "human", message: "Continue, but leave the API alone.", duration_ms: 12_000 },
  { kind: "system", event: "compaction", message: "The context was compacted.", duration_ms: 300 },
  {
    tool: "bash",
    parameters: { command: "npm test" },
    output: [
      { name: "auth", ok: true },
      { name: "api", ok: false },
    ],
    duration_ms: 2500,
    policy_rejected: false,
    verifier_verdict: { reward: 1, valid: true },
    attributes: { attempt: 2 },
  },
]
