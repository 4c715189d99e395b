type SourceId = "watch" | "hooks" | "otlp" | "langsmith" | "openai-agents"

/** A way to connect agents that don't use Turnline's own client: what to run or set. */
export type Source = {
  id: SourceId
  name: string
  /** A short description: which agents it connects, or how it works. */
  about: string
  /** Shell commands, or a file's content. */
  kind: "shell" | "file"
  file?: string
  lines: (server: string, tokenFile: string) => string
}

const tokenIn = (file: string) => `"$(cat ${file})"`

export const SOURCES: readonly Source[] = [
  {
    id: "watch",
    name: "Coding agents on this machine",
    about: "Claude Code, Codex, Gemini CLI, Qwen Code, opencode and pi, live. Nothing to configure.",
    kind: "shell",
    lines: (server, tokenFile) =>
      `export TURNLINE_TOKEN=${tokenIn(tokenFile)}\nnpx turnline watch --url ${server}`,
  },
  {
    id: "hooks",
    name: "Claude Code on another machine",
    about: "Adds hooks to Claude Code's settings. They report live and never block it.",
    kind: "shell",
    lines: (server, tokenFile) =>
      `npx turnline hooks install --url ${server}\n# Where Claude Code is started:\nexport TURNLINE_TOKEN=${tokenIn(tokenFile)}`,
  },
  {
    id: "otlp",
    name: "OpenTelemetry",
    about:
      "Any OTLP/HTTP exporter: AI SDK, OpenInference, Traceloop, Logfire, Google ADK, Mastra and others.",
    kind: "shell",
    lines: (server, tokenFile) => `export OTEL_EXPORTER_OTLP_ENDPOINT=${server}
export OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer $(cat ${tokenFile})"
export OTEL_SERVICE_NAME=my-agent`,
  },
  {
    id: "langsmith",
    name: "LangChain and LangGraph, through LangSmith",
    about: "Steps are sent when they start, so runs appear live.",
    kind: "shell",
    lines: (server, tokenFile) => `export LANGSMITH_TRACING=true
export LANGSMITH_ENDPOINT=${server}
export LANGSMITH_API_KEY=${tokenIn(tokenFile)}`,
  },
  {
    id: "openai-agents",
    name: "OpenAI Agents SDK",
    about:
      "The SDK's own exporter. With the Responses API, it omits prompts and answers; OpenTelemetry includes them.",
    kind: "file",
    file: "tracing.ts",
    lines: (
      server,
    ) => `import { BatchTraceProcessor, OpenAITracingExporter, setTraceProcessors } from "@openai/agents"

const exporter = new OpenAITracingExporter({
  endpoint: "${server}/v1/traces/ingest",
  apiKey: process.env.TURNLINE_TOKEN,
})
setTraceProcessors([new BatchTraceProcessor(exporter)])
`,
  },
]
