type SnippetId = "typescript" | "python" | "socketio"

/** Sample code for one client. It works as pasted. `command` runs it in the server's working directory. */
export type AgentSnippet = {
  id: SnippetId
  name: string
  file: string
  command: string
  /** Installs the dependency, if any. */
  install?: string
  code: (origin: string) => string
}

const typescript = (origin: string) => `import { connectAgent } from "turnline-agent"

const agent = connectAgent({
  url: "${origin}",
  token: process.env.TURNLINE_TOKEN,
})
const run = agent.startRun({ agentId: "hello", intent: "Say hello" })
run.turn({
  tool: "bash",
  parameters: { command: "echo hello" },
  output: "hello\\n",
  duration_ms: 12,
})
await run.complete({ status: "success", summary: "Said hello" })
await agent.close()
`

const python = (origin: string) => `import os
from turnline import connect_agent

token = os.environ["TURNLINE_TOKEN"]
with connect_agent("${origin}", token) as agent:
    with agent.run("Say hello", agent_id="hello") as run:
        run.turn(
            tool="bash",
            parameters={"command": "echo hello"},
            output="hello\\n",
            duration_ms=12,
        )
        run.complete("success", "Said hello")
`

const socketio = (origin: string) => `import { io } from "socket.io-client"

const token = process.env.TURNLINE_TOKEN
const socket = io("${origin}", { auth: { token } })
socket.on("connect_error", (error) => console.error(error.data))

const { run_id } = await socket.emitWithAck("runs.start", {
  agent_id: "hello",
  intent: "Say hello",
})
const turn = {
  tool: "bash",
  parameters: { command: "echo hello" },
  output: "hello\\n",
  duration_ms: 12,
}
await socket.emitWithAck("runs.record_turns", { run_id, turns: [turn] })
const outcome = { status: "success", summary: "Said hello" }
await socket.emitWithAck("runs.complete", { run_id, outcome })
socket.close()
`

const WITH_TOKEN = "TURNLINE_TOKEN=$(cat .turnline/agent.token)"

export const SNIPPETS: readonly [AgentSnippet, ...AgentSnippet[]] = [
  {
    id: "typescript",
    name: "TypeScript",
    file: "hello.ts",
    command: `${WITH_TOKEN} npx tsx hello.ts`,
    install: "npm install /path/to/turnline/dist/turnline-agent-*.tgz   # built by `npm run pack`",
    code: typescript,
  },
  {
    id: "python",
    name: "Python",
    file: "hello.py",
    command: `${WITH_TOKEN} python3 hello.py`,
    install: "pip install /path/to/turnline/dist/turnline-*.whl   # built by `npm run pack`",
    code: python,
  },
  {
    id: "socketio",
    name: "Any Socket.IO client",
    file: "hello.mjs",
    command: `${WITH_TOKEN} node hello.mjs`,
    install: "npm install socket.io-client",
    code: socketio,
  },
]
