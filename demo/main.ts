// The demo fleet: invented agents that run all day, for trying Turnline without agents of your own.
// TURNLINE_URL and TURNLINE_TOKEN (or .turnline/agent.token) select the server; --size small|large, --speed N, --seed
// N.
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { fillBack } from "./backfill"
import { Chance } from "./Chance"
import { liveAsFleet } from "./fleet"
import { Pace } from "./Pace"

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "large" },
    speed: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now()) },
  },
  // `npm run demo` passes further arguments, which are ignored.
  strict: false,
})

const url = process.env.TURNLINE_URL ?? "http://127.0.0.1:3000"
const token = process.env.TURNLINE_TOKEN ?? (await tokenOfDataDir())
const size = values.size === "small" ? "small" : "large"
const speed = Math.min(1_000, Math.max(0.01, Number(values.speed) || 1))
const seed = Number(values.seed) || 1

const stop = new AbortController()
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => stop.abort(new Error("the demo was stopped")))
// If a server started this process, the fleet stops when that server is gone.
if (process.connected) process.once("disconnect", () => stop.abort(new Error("the demo was stopped")))

const said = new Set<string>()
const warn = (message: string) => {
  // All agents get the same error, so it is reported only once.
  if (!said.has(message) && said.size < 100 && !stop.signal.aborted) console.warn(`demo: ${message}`)
  said.add(message)
}

const world = { url, token, chance: new Chance(seed), pace: new Pace(speed, stop.signal), warn }
console.log(`demo: a ${size} fleet is running against ${url} (--seed ${seed}); press Ctrl+C to stop`)
await Promise.all([fillBack(world), liveAsFleet(world, size)])
console.log("demo: the fleet has stopped")

async function tokenOfDataDir(): Promise<string> {
  const file = join(process.env.TURNLINE_DATA_DIR ?? ".turnline", "agent.token")
  try {
    return (await readFile(file, "utf8")).trim()
  } catch {
    console.error(`demo: no token: set TURNLINE_TOKEN, or start a server first, which writes ${file}.`)
    process.exit(1)
  }
}
