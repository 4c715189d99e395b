import { execFile, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { eventually } from "@/lib/testing/eventually"
import { type StartedTurnline, startTurnline } from "@/lib/testing/startTurnline"
import { tokenCommand, tokenFile } from "./dataDir"
import { SNIPPETS } from "./snippets"
import { SOURCES } from "./sources"

const ROOT = process.cwd()
const PYTHON = ["python3", "/usr/bin/python3"].find(
  (python) => spawnSync(python, ["-c", "import socketio, requests"]).status === 0,
)
const run = promisify(execFile)

const NODE = `exec node --import ${ROOT}/node_modules/tsx/dist/esm/index.mjs`
const NPX = `#!/bin/sh
program=$1
shift
case $program in
  tsx) ${NODE} "$@" ;;
  turnline) ${NODE} ${ROOT}/cli/main.ts "$@" ;;
esac
`

let turnline: StartedTurnline
/** A folder inside the project, so that packages are found. */
let folder = ""
/** The server's data directory. Its name has characters that must be quoted. */
let dataDir = ""
const fileInCommand = () =>
  tokenFile({ name: "", read: "all", control: true, mint: false, data_dir: dataDir })

beforeAll(async () => {
  turnline = await startTurnline()
  mkdirSync(join(ROOT, "build"), { recursive: true })
  folder = mkdtempSync(join(ROOT, "build/snippets-"))
  dataDir = join(folder, "Ann's data")
  mkdirSync(dataDir)
  writeFileSync(join(dataDir, "agent.token"), `${turnline.agentToken}\n`)
  // A stand-in for npx, because the real one would download packages that aren't published yet.
  mkdirSync(join(folder, "bin"))
  writeFileSync(join(folder, "bin/npx"), NPX, { mode: 0o755 })
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await turnline.stop()
})

function shell(script: string): Promise<{ stdout: string }> {
  const env = {
    ...process.env,
    HOME: folder,
    PATH: `${join(folder, "bin")}:${process.env.PATH}`,
    PYTHONPATH: join(ROOT, "clients/python/src"),
    TSX_TSCONFIG_PATH: join(ROOT, "tsconfig.json"),
  }
  return run("sh", ["-ec", script], { cwd: folder, env, timeout: 60_000 })
}

describe("the sample agents", () => {
  test.each(SNIPPETS.map((snippet) => [snippet.id, snippet] as const))(
    "%s runs as shown",
    async (id, { file, code, command }) => {
      if (id === "python" && PYTHON === undefined) return
      writeFileSync(join(folder, file), code(turnline.url))
      await shell(command(fileInCommand()).replace("python3", PYTHON ?? "python3"))
      const { runs } = await turnline.ask("runs.list", { agent_id: "hello" })
      expect(runs[0]).toMatchObject({
        ...{ intent: "Say hello", status: "completed", cursor: 1 },
        termination: { outcome: { status: "success", summary: "Said hello" } },
      })
      const [, turn] = await turnline.trace(runs[0]?.run_id ?? "")
      expect(turn).toMatchObject({ tool: "bash", output: "hello\n", duration_ms: 12 })
      await turnline.ask("runs.delete", { run_id: runs[0]?.run_id ?? "" })
    },
    70_000,
  )
})

describe("the data directory in commands", () => {
  const session = { name: "", read: "all", control: true, mint: false } as const

  test("is the default unless the server names another one", () => {
    expect(tokenFile(undefined)).toBe(".turnline/agent.token")
    expect(tokenFile(session)).toBe(".turnline/agent.token")
    expect(tokenFile({ ...session, data_dir: "/var/lib/turnline" })).toBe("/var/lib/turnline/agent.token")
    expect(tokenCommand(session, "revoke x")).toBe("npm run token -- revoke x")
    expect(tokenCommand({ ...session, data_dir: "/var/lib/turnline" }, "revoke x")).toBe(
      "TURNLINE_DATA_DIR=/var/lib/turnline npm run token -- revoke x",
    )
  })

  test("is a variable for viewers who may not know its path", () => {
    expect(tokenFile({ ...session, data_dir: null })).toBe('"$TURNLINE_DATA_DIR/agent.token"')
    expect(tokenCommand({ ...session, data_dir: null }, "revoke x")).toBe("npm run token -- revoke x")
  })
})

test("under a path, a Socket.IO client gets the path as an option, because in the URL it would be a namespace", () => {
  const code = SNIPPETS.find(({ id }) => id === "socketio")?.code("https://example.com/tools/turnline") ?? ""
  expect(code).toContain('io("https://example.com", {')
  expect(code).toContain('path: "/tools/turnline/socket.io/"')
})

describe("the commands that install a client", () => {
  const installs = (packages: string[]) =>
    SNIPPETS.map(({ install }) => install("http://turnline.test:3000", packages))

  test("name this server's packages", () => {
    expect(installs(["/packages/turnline-1.2.3-py3-none-any.whl", "/packages/turnline-agent.tgz"])).toEqual([
      "npm install http://turnline.test:3000/packages/turnline-agent.tgz",
      "pip install http://turnline.test:3000/packages/turnline-1.2.3-py3-none-any.whl",
      "npm install socket.io-client",
    ])
  })

  test("name local files if the server has no packages", () => {
    const [npm, pip] = installs([])
    expect(npm).toMatch(/^npm install \/path\/to\/turnline\/dist\/turnline-agent-/)
    expect(pip).toMatch(/^pip install \/path\/to\/turnline\/dist\/turnline-/)
  })
})

describe("the settings for other sources", () => {
  const linesOf = (id: string) =>
    SOURCES.find((source) => source.id === id)?.lines(turnline.url, fileInCommand()) ?? ""
  /** Returns the environment variables that the lines set. */
  async function settings(id: string): Promise<Record<string, string>> {
    const { stdout } = await shell(`${linesOf(id)}\nenv`)
    return Object.fromEntries(stdout.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)))
  }
  async function post(url: string, headers: Record<string, string>, body: object): Promise<number> {
    const init = { method: "POST", headers: { "content-type": "application/json", ...headers } }
    return (await fetch(url, { ...init, body: JSON.stringify(body) })).status
  }

  test("an OTLP exporter with these settings is accepted", async () => {
    const env = await settings("otlp")
    const [name = "", value = ""] = env.OTEL_EXPORTER_OTLP_HEADERS?.split(/=(.*)/s) ?? []
    const url = `${env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`
    expect(await post(url, { [name]: value }, { resourceSpans: [] })).toBe(200)
    expect(env.OTEL_SERVICE_NAME).toBe("my-agent")
  })

  test("a LangSmith client with these settings is accepted", async () => {
    const env = await settings("langsmith")
    const headers = { "x-api-key": env.LANGSMITH_API_KEY ?? "" }
    expect(await post(`${env.LANGSMITH_ENDPOINT}/runs/batch`, headers, { post: [], patch: [] })).toBe(202)
    expect(env.LANGSMITH_TRACING).toBe("true")
  })

  test("the exporter of OpenAI Agents sends to the given URL", async () => {
    const endpoint = /endpoint: "([^"]+)"/.exec(linesOf("openai-agents"))?.[1] ?? ""
    expect(
      await post(endpoint, { authorization: `Bearer ${turnline.agentToken}` }, { data: [] }),
    ).toBeLessThan(300)
  })

  test("Claude Code's settings get hooks that report to this server", async () => {
    await shell(linesOf("hooks"))
    const text = readFileSync(join(folder, ".claude/settings.json"), "utf8")
    expect(text).toContain(`${turnline.url}/ingest/claude-code/hooks`)
  })

  test("the watcher starts and finds the sessions", async () => {
    mkdirSync(join(folder, ".claude/projects/shop"), { recursive: true })
    const session = "11111111-2222-4333-8444-555555555555"
    const record = {
      ...{ type: "user", uuid: "u1", sessionId: session, cwd: "/shop", timestamp: new Date().toISOString() },
      message: { role: "user", content: "Count the files" },
    }
    writeFileSync(join(folder, `.claude/projects/shop/${session}.jsonl`), `${JSON.stringify(record)}\n`)
    await shell(`${linesOf("watch")} --once`)
    await eventually(async () => {
      const { runs } = await turnline.ask("runs.list", { agent_id: "claude-code/shop" })
      expect(runs).toMatchObject([{ intent: "Count the files" }])
    })
  }, 70_000)
})
