import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pino } from "pino"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { runDemoFleet } from "./demoFleet"

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "turnline-fleet-"))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const read = (file: string) => readFile(join(folder, file), "utf8").catch(() => "")
const logger = pino({ level: "silent" })

async function aFleet(program: string) {
  const path = join(folder, "fleet.mjs")
  await writeFile(path, program)
  return runDemoFleet({ url: "http://127.0.0.1:1", token: "tl_x", size: "small", logger, program: path })
}

test("the fleet gets the server's address and token, and exits when stopped", async () => {
  const note = `require("fs").writeFileSync("${folder}/output", [process.env.TURNLINE_URL, process.env.TURNLINE_TOKEN, ...process.argv.slice(2)].join(" "))`
  const stop = await aFleet(
    `import { createRequire } from "node:module"
     const require = createRequire(import.meta.url)
     process.on("SIGTERM", () => { require("fs").writeFileSync("${folder}/home", "yes"); process.exit(0) })
     ${note}
     setInterval(() => {}, 1000)`,
  )
  await vi.waitUntil(async () => (await read("output")) !== "", { timeout: 30_000 })
  expect(await read("output")).toBe("http://127.0.0.1:1 tl_x --size small")
  await stop()
  expect(await read("home")).toBe("yes")
})

test("a fleet that exits is restarted, and one that ignores SIGTERM is killed", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  try {
    const stop = await aFleet(
      `import { appendFileSync, readFileSync } from "node:fs"
       process.on("SIGTERM", () => {})
       appendFileSync("${folder}/begun", "x")
       if (readFileSync("${folder}/begun", "utf8").length > 1) setInterval(() => {}, 1000)`,
    )
    await expect
      .poll(async () => {
        await vi.advanceTimersByTimeAsync(1_000)
        return read("begun")
      })
      .toBe("xx")
    const stopping = stop()
    await vi.advanceTimersByTimeAsync(2_000)
    await stopping
  } finally {
    vi.useRealTimers()
  }
})

test("without a built fleet, stopping does nothing", async () => {
  const program = join(folder, "none.mjs")
  const stop = runDemoFleet({ url: "http://127.0.0.1:1", token: "t", size: "large", logger, program })
  await expect(stop()).resolves.toBeUndefined()
})
