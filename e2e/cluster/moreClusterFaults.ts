import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Client } from "pg"
import { mountSmallDisk } from "@/e2e/faults/diskFull"
import { Connection } from "@/e2e/kit/Connection"
import type { ClusterReport } from "./ClusterWorld"
import { type ClusterFaultOptions, LEASE_MS, underLoad } from "./clusterFaults"

const CLOCK_JUMP = new URL("../kit/clockJump.cjs", import.meta.url).pathname
const HOUR_MS = 3_600_000
const SMALL_DISK_MIB = 256
const MAX_CONNECTIONS = 40

/** T24: one node can't reach the database for longer than its lease. Connections alternately fail and hang. */
export function cutOffNode(options: ClusterFaultOptions): Promise<ClusterReport> {
  return underLoad({ ...options, nodes: 2, wired: true }, async (world, round) => {
    const wire = world.wire(round)
    if (round % 2 === 0) wire.down()
    else wire.hold()
    await sleep(LEASE_MS + 2_000)
    wire.up()
    wire.release()
    await sleep(1_000)
  })
}

/** T25: connections on both nodes take over runs from each other while their agents write. */
export function takeOverStorm(options: ClusterFaultOptions): Promise<ClusterReport> {
  const timing = options.random.fork("storm")
  return underLoad({ ...options, nodes: 2 }, async (_world, _round, fleet) => {
    const { url, agentToken: token } = fleet.options.target
    const takers = Array.from({ length: 4 }, () => new Connection({ url, token }))
    for (let take = 0; take < 100; take++) {
      const run_id = fleet.runs.at(-timing.int(1, 4))
      if (run_id !== undefined) void timing.pick(takers).ask("runs.start", { run_id })
      await sleep(timing.int(0, 30))
    }
    for (const taker of takers) taker.close()
  })
}

/** T26: the wall clocks of nodes jump independently. */
export async function wrongClocks(options: ClusterFaultOptions): Promise<ClusterReport> {
  const timing = options.random.fork("clocks")
  const folder = mkdtempSync(join(tmpdir(), "turnline-clocks-"))
  const fileOf = (name: string) => join(folder, name)
  try {
    const settings = { NODE_OPTIONS: `--require=${CLOCK_JUMP}` }
    const clocks = (name: string) => ({ CLOCK_OFFSET_FILE: fileOf(name) })
    return await underLoad({ ...options, nodes: 2, settings, nodeSettings: clocks }, async (world, round) => {
      const offset = timing.pick([-HOUR_MS, HOUR_MS, 26 * HOUR_MS, 0])
      writeFileSync(fileOf(world.node(round).name), String(offset))
      await sleep(timing.int(500, 2_000))
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** T4: the database's disk is full for a while. Mounting a small disk requires root. */
export async function databaseDiskFull(options: ClusterFaultOptions): Promise<ClusterReport> {
  const disk = mountSmallDisk(SMALL_DISK_MIB)
  chmodSync(disk.path, 0o755)
  const postgres = { max_wal_size: "32MB", min_wal_size: "32MB", shared_buffers: "16MB" }
  try {
    return await underLoad(
      { ...options, nodes: 2, folder: join(disk.path, "postgres"), postgres },
      async (world) => {
        disk.fill()
        await sleep(4_000)
        disk.free()
        await world.ensureDatabase()
      },
    )
  } finally {
    disk.unmount()
  }
}

/** T23: other programs use up all connections of the database, after the nodes have lost their connections. */
export function connectionsExhausted(options: ClusterFaultOptions): Promise<ClusterReport> {
  const postgres = { max_connections: MAX_CONNECTIONS, superuser_reserved_connections: 0 }
  return underLoad({ ...options, nodes: 2, postgres }, async (world) => {
    await world.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'turnline%'",
    )
    const others = await Promise.all(
      Array.from({ length: MAX_CONNECTIONS }, () => connected(world.databaseUrl)),
    )
    await sleep(3_000)
    for (const other of others) await other?.end()
  })
}

/** Opens a connection. Resolves with undefined if there are none left. */
async function connected(connectionString: string): Promise<Client | undefined> {
  const client = new Client({ connectionString })
  client.on("error", () => {})
  try {
    await client.connect()
    return client
  } catch {
    return undefined
  }
}
