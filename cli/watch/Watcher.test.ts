import { randomUUID } from "node:crypto"
import { renameSync, writeFileSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { serverAddress } from "@/lib/agent/delivery/serverAddress"
import { type StartedTurnline, startTurnline } from "@/lib/testing/startTurnline"
import { ServerConnection } from "./runs/ServerConnection"
import { TOOLS } from "./sources/Source"
import { ClaudeHome } from "./testing/ClaudeHome"
import { toolDirectories } from "./toolDirectories"
import { Watcher, type WatcherOptions } from "./Watcher"

const SESSION = "11111111-2222-4333-8444-555555555555"

let home: ClaudeHome
let turnline: StartedTurnline
const open = new Set<{ close(): void }>()

beforeEach(async () => {
  home = new ClaudeHome()
  turnline = await startTurnline()
})
afterEach(async () => {
  stopWatching()
  await turnline.stop()
  home.remove()
})

async function watch(options: Partial<WatcherOptions> = {}): Promise<Watcher> {
  const server = new ServerConnection({
    address: serverAddress(turnline.url),
    token: turnline.agentToken,
    clientId: `test ${randomUUID()}`,
    onOutage: () => {},
    onRefusal: () => {},
  })
  const watcher = new Watcher({
    server,
    home: home.path,
    directories: toolDirectories(home.path, undefined),
    tools: TOOLS,
    since: Date.now() - 60_000,
    project: undefined,
    content: true,
    onRun: () => {},
    onProblem: () => {},
    ...options,
  })
  open.add(watcher).add(server)
  await watcher.start()
  return watcher
}

function stopWatching(): void {
  for (const each of open) each.close()
  open.clear()
}

const runs = async () =>
  (await turnline.ask("runs.list", {})).runs.toSorted((a, b) => a.started_at.localeCompare(b.started_at))
/** Returns each run's status and what was said in it. */
async function shown() {
  return Promise.all(
    (await runs()).map(async ({ run_id, status, termination }) => {
      const outcome = termination?.kind === "outcome" ? termination.outcome.status : undefined
      const records = await turnline.trace(run_id)
      const said = records.flatMap((each) =>
        each.record === "turn" ? [each.prompt ?? each.message ?? each.kind] : [],
      )
      return [outcome ?? status, ...said]
    }),
  )
}
const becomes = (...expected: string[][]) => expect.poll(shown).toEqual(expected)

describe("a watched session", { timeout: 60_000 }, () => {
  test("is a run from its first prompt to the end of its process", async () => {
    await watch()
    const agent = home.startProcess(SESSION)
    home.append(SESSION, home.prompt("Fix it"))
    await becomes(["in_progress", "Fix it"])
    home.append(SESSION, home.answer("Fixed."))
    await becomes(["in_progress", "Fix it", "Fixed."])
    agent.exit()
    await becomes(["done", "Fix it", "Fixed."])
    expect(await runs()).toMatchObject([
      { agent_id: "claude-code/shop", intent: "Fix it", labels: { session: SESSION, project: "/srv/shop" } },
    ])
  })

  test("shows what it is waiting for", async () => {
    await watch()
    const agent = home.startProcess(SESSION)
    home.append(SESSION, home.prompt("Fix it"), home.answer("Fixed."))
    agent.say({ status: "waiting", waitingFor: "permission prompt" })
    const kind = async () => (await runs())[0]?.activity?.waiting_kind
    await expect.poll(kind).toBe("approval")
    agent.say({ status: "idle" })
    await expect.poll(kind).toBe("prompt")
    agent.say({ status: "busy" })
    await expect.poll(kind).toBeUndefined()
  })

  test("fails when its process is killed", async () => {
    await watch()
    const agent = home.startProcess(SESSION)
    home.append(SESSION, home.prompt("Fix it"), home.answer("Fixed."), home.prompt("More"))
    await becomes(["in_progress", "Fix it", "Fixed.", "More"])
    agent.die()
    await becomes(["failure", "Fix it", "Fixed.", "More"])
  })

  test("continues in another run when it is resumed", async () => {
    await watch()
    const first = home.startProcess(SESSION)
    home.append(SESSION, home.prompt("One"), home.answer("1"))
    first.exit()
    await becomes(["done", "One", "1"])
    const second = home.startProcess(SESSION)
    home.append(SESSION, home.prompt("Two"), home.answer("2"))
    second.exit()
    await becomes(["done", "One", "1"], ["done", "Two", "2"])
    const [before, after] = await runs()
    expect(after?.continues).toEqual({ run_id: before?.run_id })
  })

  test("is read line by line, even if its lines are written in pieces", async () => {
    await watch()
    home.startProcess(SESSION)
    const line = `${JSON.stringify(home.prompt("Größe ✓"))}\n`
    home.append(SESSION, line.slice(0, 20))
    home.append(SESSION, line.slice(20, -1))
    home.append(SESSION, "\nno JSON\n")
    home.append(SESSION, home.answer("Fixed."))
    await becomes(["in_progress", "Größe ✓", "Fixed."])
  })

  test("is not repeated when its file is replaced by a copy", async () => {
    await watch()
    home.startProcess(SESSION)
    const records = [home.prompt("Fix it"), home.answer("Fixed.")]
    home.append(SESSION, ...records)
    await becomes(["in_progress", "Fix it", "Fixed."])
    const copy = `${home.fileOf(SESSION)}.tmp`
    writeFileSync(copy, [...records, home.prompt("More")].map((each) => `${JSON.stringify(each)}\n`).join(""))
    renameSync(copy, home.fileOf(SESSION))
    await becomes(["in_progress", "Fix it", "Fixed.", "More"])
  })

  test("survives restarts of the watcher and the server", async () => {
    await watch()
    const agent = home.startProcess(SESSION)
    home.append(SESSION, home.prompt("One"))
    await becomes(["in_progress", "One"])
    stopWatching()
    home.append(SESSION, home.answer("1"))
    await watch()
    await becomes(["in_progress", "One", "1"])
    home.append(SESSION, home.prompt("Two"))
    await turnline.restart()
    home.append(SESSION, home.answer("2"))
    await becomes(["in_progress", "One", "1", "Two", "2"])
    agent.exit()
    await becomes(["done", "One", "1", "Two", "2"])
  })

  test("is written once by two watchers", async () => {
    await watch()
    await watch()
    const agent = home.startProcess(SESSION)
    const texts = Array.from({ length: 20 }, (_, n) => `answer ${n}`)
    home.append(SESSION, home.prompt("Go"))
    for (const text of texts) {
      home.append(SESSION, home.answer(text))
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    agent.exit()
    await becomes(["done", "Go", ...texts])
  })
})

describe("sessions that existed before the watcher started", { timeout: 60_000 }, () => {
  test("are ignored if they haven't changed for a long time", async () => {
    home.append(SESSION, home.prompt("Fix it"), home.answer("Fixed."))
    const watcher = await watch({ since: Date.now() + 60_000 })
    expect(watcher.counts).toEqual({ running: 0, recent: 0 })
    expect(await shown()).toEqual([])
  })

  test("are shown when their process runs, however old they are", async () => {
    home.append(SESSION, home.prompt("Fix it"))
    home.startProcess(SESSION)
    await watch({ since: Date.now() + 60_000 })
    await becomes(["in_progress", "Fix it"])
  })

  test("are sent without content if content is turned off", async () => {
    home.append(SESSION, home.prompt("Secret"), home.answer("Secret, too."))
    home.startProcess(SESSION)
    await watch({ content: false })
    await expect.poll(shown).toHaveLength(1)
    await becomes(["in_progress", "human", "model"])
    expect(JSON.stringify(await runs())).not.toContain("Secret")
  })

  test("of other projects are ignored if a project is given", async () => {
    home.append(SESSION, home.prompt("Fix it"))
    home.startProcess(SESSION)
    await watch({ project: "elsewhere" })
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await shown()).toEqual([])
  })
})
