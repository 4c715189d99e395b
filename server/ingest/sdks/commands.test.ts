import { type ChildProcessByStdio, spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import type { Readable } from "node:stream"
import { expect, onTestFinished, test } from "vitest"
import type { RunRecord, RunSummary } from "@/lib/protocol/run"
import { type IngestServer, startIngest } from "@/server/ingest/testing/ingestServer"
import { type ScriptedAnswer, startScriptedModel } from "@/server/ingest/testing/scriptedModel"

// Runs the coding agents that are installed on this machine with a scripted model, and checks the runs that they send.
const TIMEOUT = { timeout: 60_000 }
const COMMAND = "echo three files"

function isInstalled(command: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, command)))
}

type Place = { home: string; project: string; env: NodeJS.ProcessEnv }

/** Creates a temporary home and project, so that the user's own files are neither read nor changed. */
function aPlace(): Place {
  const home = mkdtempSync(join(tmpdir(), "turnline-command-"))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const project = join(home, "shop")
  mkdirSync(project)
  return { home, project, env: { HOME: home, PATH: process.env.PATH, NODE_ENV: "production" } }
}

async function runCommand(command: string, args: string[], { project, env }: Place): Promise<void> {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(command, args, {
    cwd: project,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  let output = ""
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      output += chunk
    })
  const code = await new Promise((resolve) => child.once("close", resolve))
  expect(code, output).toBe(0)
}

/** Waits until there is a single run with this many turns. Returns the run and its turns. */
async function runWith(
  server: IngestServer,
  turns: number,
): Promise<{ run: RunSummary; shown: RunRecord[] }> {
  const viewer = await server.connect(server.viewer)
  const list = async (): Promise<RunSummary[]> => {
    const reply = await viewer.emitWithAck("runs.list", {})
    return reply.ok ? reply.runs : []
  }
  await expect.poll(async () => (await list()).map(({ cursor }) => cursor)).toEqual([turns])
  const [run] = await list()
  if (run === undefined) throw new Error("no run")
  const trace = await viewer.emitWithAck("runs.get_trace", { run_id: run.run_id })
  return { run, shown: trace.ok ? trace.records.filter(({ record }: RunRecord) => record === "turn") : [] }
}

async function scripted(answers: ScriptedAnswer[]): Promise<string> {
  const model = await startScriptedModel(answers)
  onTestFinished(() => model.close())
  return model.url
}

test("Claude Code's own telemetry", TIMEOUT, async ({ skip }) => {
  skip(!isInstalled("claude"), "the command claude isn't installed")
  const server = await startIngest()
  const tool = { name: "Bash", input: { command: COMMAND, description: "Look" } }
  const place = aPlace()
  Object.assign(place.env, {
    ANTHROPIC_BASE_URL: await scripted([{ text: "I look.", tool }, { text: "Three files." }]),
    ANTHROPIC_API_KEY: "none",
    DISABLE_AUTOUPDATER: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    CLAUDE_CODE_ENABLE_TELEMETRY: "1",
    CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: "1",
    OTEL_LOGS_EXPORTER: "otlp",
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_ENDPOINT: server.url,
    OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer ${server.agent}`,
    OTEL_LOG_USER_PROMPTS: "1",
    OTEL_LOG_TOOL_DETAILS: "1",
  })
  await runCommand("claude", ["-p", "How many files?", "--allowedTools", "Bash(echo:*)"], place)
  const { run, shown } = await runWith(server, 3)
  expect(run).toMatchObject({
    ...{ intent: "How many files?", source: { name: "claude-code" } },
    totals: { model_turns: 2, errors: 0, input_tokens: 200, output_tokens: 40 },
  })
  expect(shown).toMatchObject([
    { kind: "model", prompt: "How many files?", message: "I look." },
    { kind: "tool", tool: "Bash", parameters: { command: COMMAND } },
    { kind: "model", message: "Three files." },
  ])
})

test("Codex's own telemetry", TIMEOUT, async ({ skip }) => {
  skip(!isInstalled("codex"), "the command codex isn't installed")
  const server = await startIngest()
  const tool = { name: "exec_command", input: { cmd: COMMAND } }
  const model = await scripted([{ text: "I look.", tool }, { text: "Three files." }])
  const place = aPlace()
  const settings = join(place.home, ".codex")
  mkdirSync(settings)
  writeFileSync(
    join(settings, "config.toml"),
    `model = "gpt-5.5"
model_provider = "scripted"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
[model_providers.scripted]
name = "scripted"
base_url = "${model}/v1"
wire_api = "responses"
env_key = "SCRIPTED_KEY"
[analytics]
enabled = false
[otel]
log_user_prompt = true
exporter = { otlp-http = { endpoint = "${server.url}/v1/logs", protocol = "json", headers = { authorization = "Bearer ${server.agent}" } } }
`,
  )
  place.env.SCRIPTED_KEY = "none"
  await runCommand("codex", ["exec", "--json", "--skip-git-repo-check", "How many files?"], place)
  const { run, shown } = await runWith(server, 3)
  expect(run).toMatchObject({
    ...{ intent: "How many files?", source: { name: "codex" } },
    totals: { model_turns: 2, errors: 0, input_tokens: 200, output_tokens: 40 },
  })
  expect(shown).toMatchObject([
    { kind: "model", prompt: "How many files?" },
    { kind: "tool", tool: "exec_command", parameters: { cmd: COMMAND } },
    { kind: "model" },
  ])
})
