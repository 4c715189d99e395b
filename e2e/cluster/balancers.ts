import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { isClean } from "@/e2e/kit/checkStore"
import { Fleet } from "@/e2e/kit/Fleet"
import { seededRandom } from "@/e2e/kit/seededRandom"
import { ClusterWorld } from "./ClusterWorld"

// Tries the example configurations with the balancers themselves: `node --import tsx e2e/cluster/balancers.ts [haproxy nginx]`.
const EXAMPLES = new URL("../../examples/cluster/", import.meta.url).pathname
const ROUNDS = 3

const COMMANDS: Record<string, (config: string, folder: string) => [string, string[]]> = {
  haproxy: (config) => ["haproxy", ["-db", "-f", config]],
  nginx: (config, folder) => [
    "nginx",
    ["-c", config, "-p", folder, "-g", "daemon off; pid nginx.pid; error_log stderr;"],
  ],
}
const FILES: Record<string, string> = { haproxy: "haproxy.cfg", nginx: "nginx.conf" }

async function tryBalancer(name: string): Promise<boolean> {
  const world = new ClusterWorld(2, { TURNLINE_LEASE_MS: "4000", TURNLINE_ALLOWED_HOSTS: "127.0.0.1" })
  const folder = mkdtempSync(join(tmpdir(), "turnline-balancer-"))
  let balancer: ChildProcess | undefined
  let fleet: Fleet | undefined
  try {
    await world.start()
    const port = await freePort()
    const config = readFileSync(join(EXAMPLES, FILES[name] ?? ""), "utf8")
      .replaceAll("127.0.0.1:3000", `127.0.0.1:${port}`)
      .replaceAll("127.0.0.1:3001", `127.0.0.1:${world.node(0).port}`)
      .replaceAll("127.0.0.1:3002", `127.0.0.1:${world.node(1).port}`)
    writeFileSync(join(folder, "config"), config)
    const [command, args] = COMMANDS[name]?.(join(folder, "config"), folder) ?? ["false", []]
    balancer = spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] })
    await sleep(2_500)
    const [agentToken, viewerToken] = [world.node(0).token("agent"), world.node(0).token("viewer")]
    const target = { url: `http://127.0.0.1:${port}`, agentToken, viewerToken }
    const running = new Fleet({
      target,
      random: seededRandom(1),
      agents: 4,
      viewers: 3,
      plan: { paceMs: [20, 200] },
    })
    fleet = running
    running.start()
    for (let round = 0; round < ROUNDS; round++) {
      const before = running.acked
      await running.until("turns are acknowledged", () => running.acked > before, 30_000)
      await world.node(round).kill()
      const killed = running.acked
      await running.until("the other node continues", () => running.acked > killed + 20, 30_000)
      await world.node(round).start()
      await sleep(2_000)
    }
    const report = await world.settle(running)
    const held = isClean(report) && report.falselyIncomplete === 0
    const { examples, ...figures } = report
    process.stdout.write(
      `${held ? "held" : "BROKEN"}  ${name} ${JSON.stringify(figures)}\n${examples.join("\n")}`,
    )
    return held
  } finally {
    fleet?.close()
    balancer?.kill()
    await world.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0))
    })
  })
}

const names = process.argv.slice(2)
let broken = 0
for (const name of names.length > 0 ? names : Object.keys(COMMANDS))
  if (!(await tryBalancer(name))) broken += 1
process.exit(broken === 0 ? 0 : 1)
