type SnippetId = "typescript" | "python" | "socketio"

/** Sample code for one client. It works as pasted. `command` runs it on the server's machine. */
export type AgentSnippet = {
  id: SnippetId
  name: string
  file: string
  command: (tokenFile: string) => string
  /**
   * Returns the command that installs the client.
   *
   * @param packages the paths of the client packages that the server offers.
   */
  install: (server: string, packages: readonly string[]) => string
  code: (server: string) => string
}

const typescript = (server: string) => `import { connectAgent } from "turnline-agent"

const agent = connectAgent({
  url: "${server}",
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

const python = (server: string) => `import os
from turnline import connect_agent

token = os.environ["TURNLINE_TOKEN"]
with connect_agent("${server}", token) as agent:
    with agent.run("Say hello", agent_id="hello") as run:
        run.turn(
            tool="bash",
            parameters={"command": "echo hello"},
            output="hello\\n",
            duration_ms=12,
        )
        run.complete("success", "Said hello")
`

const socketio = (server: string) => `import { io } from "socket.io-client"

const token = process.env.TURNLINE_TOKEN
const socket = ${ioCall(server)}
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

/** Returns the call that connects. Socket.IO takes the path of a URL as a namespace, so a base path is an option. */
function ioCall(server: string): string {
  const { origin, pathname } = new URL(server)
  return pathname === "/"
    ? `io("${server}", { auth: { token } })`
    : `io("${origin}", {\n  path: "${pathname}/socket.io/",\n  auth: { token },\n})`
}

/** Returns a command that installs the server's package of a type, or a local file if the server has none. */
const installer =
  (program: string, extension: ".tgz" | ".whl", local: string) =>
  (server: string, packages: readonly string[]) => {
    const path = packages.find((it) => it.endsWith(extension))
    return path === undefined
      ? `${program} install /path/to/turnline/dist/${local}   # built by \`npm run pack\``
      : `${program} install ${server}${path}`
  }

const withToken = (program: string) => (tokenFile: string) => `TURNLINE_TOKEN=$(cat ${tokenFile}) ${program}`

export const SNIPPETS: readonly [AgentSnippet, ...AgentSnippet[]] = [
  {
    id: "typescript",
    name: "TypeScript",
    // ".mts" is always an ES module, whatever the package.json in the folder says.
    file: "hello.mts",
    command: withToken("npx tsx hello.mts"),
    install: installer("npm", ".tgz", "turnline-agent-*.tgz"),
    code: typescript,
  },
  {
    id: "python",
    name: "Python",
    file: "hello.py",
    command: withToken("python3 hello.py"),
    install: installer("pip", ".whl", "turnline-*.whl"),
    code: python,
  },
  {
    id: "socketio",
    name: "Any Socket.IO client",
    file: "hello.mjs",
    command: withToken("node hello.mjs"),
    install: () => "npm install socket.io-client",
    code: socketio,
  },
]
