// The product with a made-up fleet. Joins the server that runs at PORT, or starts one.
import { existsSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { followParent } from "./followParent.mjs"
import { ensureBuild, ensureDependencies, ROOT, say } from "./setup.mjs"

process.env.NODE_ENV = "production"
process.env.NEXT_TELEMETRY_DISABLED = "1"
followParent()
await ensureDependencies()
await ensureBuild()
process.setSourceMapsEnabled(true)

const url = `http://127.0.0.1:${process.env.PORT ?? 3000}`
const tokenFile = resolve(ROOT, process.env.TURNLINE_DATA_DIR ?? ".turnline", "agent.token")

async function answers(path) {
  try {
    return (await fetch(url + path, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false
  }
}

if (await answers("/healthz")) say(`A server runs at ${url}; the fleet joins it.`)
else await import("../build/server/main.js")
while (!(await answers("/readyz")) || !existsSync(tokenFile))
  await new Promise((resolve) => setTimeout(resolve, 100))

process.env.TURNLINE_URL ??= url
process.env.TURNLINE_TOKEN ??= readFileSync(tokenFile, "utf8").trim()
await import("../build/server/demo.js")
