import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { parseArgs } from "node:util"
import { io, type Socket } from "socket.io-client"
import { Connection } from "@/e2e/kit/Connection"
import { isClean } from "@/e2e/kit/model/checkStore"
import { Fleet } from "@/e2e/kit/model/Fleet"
import { seededRandom } from "@/e2e/kit/seededRandom"
import { ClusterWorld } from "./ClusterWorld"

// Tests the example configurations with real load balancers: `node --import tsx e2e/cluster/balancers.ts [haproxy
// nginx] [--rounds 3]`.
const EXAMPLES = new URL("../../examples/cluster/", import.meta.url).pathname
/** Longer than any timeout in the configurations. */
const QUIET_MS = 75_000

const BALANCERS: Record<
  string,
  { file: string; sticky: [string, string]; command(folder: string): [string, string[]] }
> = {
  haproxy: {
    file: "haproxy.cfg",
    sticky: ["balance leastconn", "balance source"],
    command: (folder) => ["haproxy", ["-db", "-f", join(folder, "config")]],
  },
  nginx: {
    file: "nginx.conf",
    sticky: ["least_conn;", "ip_hash;"],
    command: (folder) => [
      "nginx",
      ["-c", join(folder, "config"), "-p", folder, "-g", "daemon off; pid nginx.pid; error_log stderr;"],
    ],
  },
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: "string" } } })
const rounds = Number(values.rounds ?? 3)
const names = positionals.length > 0 ? positionals : Object.keys(BALANCERS)
let broken = 0
for (const name of names) if (!(await tryBalancer(name))) broken += 1
process.exit(broken === 0 ? 0 : 1)

async function tryBalancer(name: string): Promise<boolean> {
  const settings = {
    TURNLINE_ALLOWED_HOSTS: "127.0.0.1",
    TURNLINE_TRANSPORTS: "websocket,polling",
  }
  const world = new ClusterWorld({ nodes: 2, settings })
  const folder = mkdtempSync(join(tmpdir(), "turnline-balancer-"))
  const running: ChildProcess[] = []
  let fleet: Fleet | undefined
  try {
    await world.start()
    const [port, stickyPort] = [await freePort(), await freePort()]
    running.push(startBalancer(name, world, folder, port, false))
    const stickyFolder = mkdtempSync(join(folder, "sticky-"))
    running.push(startBalancer(name, world, stickyFolder, stickyPort, true))
    await sleep(5_000)
    const [agentToken, viewerToken] = [world.node(0).token("agent"), world.node(0).token("viewer")]
    const polled = await pollThrough(`http://127.0.0.1:${stickyPort}`, viewerToken)
    process.stderr.write(`${name}: polling ${polled ? "works" : "fails"} with affinity\n`)
    const target = { url: `http://127.0.0.1:${port}`, agentToken, viewerToken }
    const random = seededRandom(1)
    fleet = new Fleet({ target, random, agents: 4, viewers: 3, plan: { paceMs: [20, 200] } })
    fleet.start()
    const started = performance.now()
    const quiet = new Connection({ url: target.url, token: viewerToken })
    await fleet.until("a while has passed", () => performance.now() - started > QUIET_MS, 2 * QUIET_MS)
    const stayed = quiet.connects === 1
    quiet.close()
    for (let round = 0; round < rounds; round++) await oneRound(world, fleet, round)
    if (name === "haproxy") await takeOut(world, fleet, join(folder, "admin.sock"))
    const report = await world.settle(fleet)
    const held = isClean(report) && report.falselyIncomplete === 0 && polled && stayed
    const { examples, ...figures } = report
    const seen = { ...figures, polled, stayed }
    process.stdout.write(
      `${held ? "held" : "BROKEN"}  ${name} ${JSON.stringify(seen)}\n${examples.join("\n")}`,
    )
    return held
  } finally {
    fleet?.close()
    for (const balancer of running) balancer.kill()
    await world.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Kills and restarts one node, and gracefully restarts the other. */
async function oneRound(world: ClusterWorld, fleet: Fleet, round: number): Promise<void> {
  for (const [at, end] of [[round, "kill"] as const, [round + 1, "stop"] as const]) {
    const before = fleet.acked
    await fleet.until("turns are acknowledged", () => fleet.acked > before, 60_000)
    await world.node(at)[end]()
    const without = fleet.acked
    await fleet.until("the other node continues", () => fleet.acked > without + 20, 60_000)
    await world.node(at).start()
    await sleep(2_000)
  }
}

/** Takes a running node out of the load balancer: its clients move to the other node, and the node stays up. */
async function takeOut(world: ClusterWorld, fleet: Fleet, socketFile: string): Promise<void> {
  for (const [state, ...commands] of [
    ["out", "set server nodes/node1 state maint", "shutdown sessions server nodes/node1"],
    ["in again", "set server nodes/node1 state ready"],
  ]) {
    for (const command of commands) {
      const admin = connect(socketFile)
      admin.end(`${command}\n`)
      await new Promise((resolve) => admin.once("close", resolve).resume())
    }
    const before = fleet.acked
    await fleet.until("turns are acknowledged", () => fleet.acked > before + 20, 60_000)
    await sleep(1_000)
    const metrics = await fetch(`http://127.0.0.1:${world.node(0).port}/metrics`, {
      headers: { authorization: `Bearer ${world.node(0).token("viewer")}` },
    })
    const [, connections] = /^turnline_connections (\d+)/m.exec(await metrics.text()) ?? []
    process.stderr.write(`node 1 is ${state}: ${connections} connections\n`)
  }
}

/** Starts a load balancer with its example configuration, but on another port and with the running nodes. */
function startBalancer(
  name: string,
  world: ClusterWorld,
  folder: string,
  port: number,
  sticky: boolean,
): ChildProcess {
  const balancer = BALANCERS[name]
  if (balancer === undefined) throw new Error(`There is no example for ${name}`)
  const example = readFileSync(join(EXAMPLES, balancer.file), "utf8")
  const config = (sticky ? example.replace(...balancer.sticky) : example)
    .replaceAll("127.0.0.1:3000", `127.0.0.1:${port}`)
    .replaceAll("127.0.0.1:3001", `127.0.0.1:${world.node(0).port}`)
    .replaceAll("127.0.0.1:3002", `127.0.0.1:${world.node(1).port}`)
    .replaceAll("/run/haproxy", folder)
  writeFileSync(join(folder, "config"), config)
  const [command, args] = balancer.command(folder)
  return spawn(command, args, { stdio: ["ignore", "ignore", "inherit"] })
}

/** Returns true if a client that only polls gets its replies through a load balancer with session affinity. */
async function pollThrough(url: string, token: string): Promise<boolean> {
  for (let attempt = 0; attempt < 3; attempt++)
    if (await polls(io(url, { auth: { token }, transports: ["polling"], forceNew: true }))) return true
  return false
}

async function polls(client: Socket): Promise<boolean> {
  try {
    for (let asked = 0; asked < 10; asked++) await client.timeout(10_000).emitWithAck("runs.list", {})
    return true
  } catch {
    return false
  } finally {
    client.disconnect()
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
