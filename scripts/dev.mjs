// Starts the product for development: pages reload and the server restarts when their code changes.
import { spawn } from "node:child_process"
import { join } from "node:path"
import { followParent } from "./followParent.mjs"
import { ensureDependencies, ROOT, say } from "./setup.mjs"

followParent()
await ensureDependencies()
const { watchServer } = await import("./bundle.mjs")

const entry = join(ROOT, "build", "dev", "main.js")
let server
let stopping = false

function start() {
  server = spawn(process.execPath, ["--enable-source-maps", entry], {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, NODE_ENV: "development", NEXT_TELEMETRY_DISABLED: "1", TURNLINE_DEV: "1" },
  })
  server.on("exit", (code) => {
    if (!stopping && code) say("The server stopped. It will restart after the next change.")
  })
}

function stop() {
  return new Promise((resolve) => {
    if (!server || server.exitCode !== null) return resolve()
    server.once("exit", resolve)
    server.kill("SIGTERM")
  })
}

let restarting = Promise.resolve()
const context = await watchServer(join(ROOT, "build", "dev"), () => {
  restarting = restarting.then(stop).then(() => {
    if (!stopping) start()
  })
})

for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, async () => {
    stopping = true
    await context.dispose()
    await stop()
    process.exit(0)
  })
