import { spawnSync } from "node:child_process"
import { Connection, LOST } from "@/e2e/kit/Connection"
import type { Target } from "@/e2e/kit/model/Fleet"
import { ReaderProcess } from "@/e2e/kit/ReaderProcess"
import { readMetric } from "@/e2e/kit/readMetric"
import { waitUntil } from "@/e2e/kit/waitUntil"

const NAMESPACE = "turnline-far"
const HERE = "10.231.77.1"
const THERE = "10.231.77.2"

export const canSplitNetworks = () =>
  process.platform === "linux" && process.getuid?.() === 0 && spawnSync("ip", ["netns"]).status === 0

function ip(...args: string[]): void {
  const done = spawnSync("ip", args, { encoding: "utf8" })
  if (done.status !== 0) throw new Error(`ip ${args.join(" ")}: ${done.stderr}`)
}

/** A second network on this machine, behind a link that can be cut without a FIN or RST. */
export type FarNetwork = { env: Record<string, string>; unplug(): void; plugIn(): void; remove(): void }

export function makeFarNetwork(): FarNetwork {
  spawnSync("ip", ["netns", "delete", NAMESPACE])
  ip("netns", "add", NAMESPACE)
  ip("link", "add", "tl-near", "type", "veth", "peer", "name", "tl-far", "netns", NAMESPACE)
  ip("address", "add", `${HERE}/24`, "dev", "tl-near")
  ip("link", "set", "tl-near", "up")
  ip("-n", NAMESPACE, "address", "add", `${THERE}/24`, "dev", "tl-far")
  ip("-n", NAMESPACE, "link", "set", "tl-far", "up")
  return {
    env: { HOST: HERE, TURNLINE_ALLOWED_HOSTS: HERE },
    unplug: () => ip("-n", NAMESPACE, "link", "set", "tl-far", "down"),
    plugIn: () => ip("-n", NAMESPACE, "link", "set", "tl-far", "up"),
    remove: () => {
      spawnSync("ip", ["link", "delete", "tl-near"])
      spawnSync("ip", ["netns", "delete", NAMESPACE])
    },
  }
}

export type HalfOpenReport = {
  /** From cutting the link until the server had dropped all remote viewers, ms. */
  serverNoticedMs: number
  /** From cutting the link until the remote viewers noticed, ms. */
  readersNoticedMs: number
  complete: boolean
  violations: string[]
}

/**
 * Cuts the link of viewers in another network silently. Both ends must notice, and the views must recover once it is
 * restored.
 */
export async function halfOpen(options: {
  target: Target
  far: FarNetwork
  readers: number
}): Promise<HalfOpenReport> {
  const { target, far, readers } = options
  const agent = new Connection({ url: target.url, token: target.agentToken })
  await agent.connected()
  const started = await agent.ask("runs.start", { agent_id: "far/1", intent: "Publish to a remote network" })
  if (started === LOST || !started.ok) throw new Error("no run")
  const { run_id } = started
  const record = (count: number) =>
    agent.askWithRetries("runs.record_turns", {
      run_id,
      turns: Array.from({ length: count }, (_, k) => ({ message: `turn ${k}` })),
    })
  const reader = new ReaderProcess(
    { url: target.url, token: target.viewerToken, runs: Array.from({ length: readers }, () => run_id) },
    ["ip", "netns", "exec", NAMESPACE],
  )
  const seen = async (cursor: number) => (await reader.report()).views.every((view) => view.cursor === cursor)
  try {
    await record(10)
    await waitUntil("far readers see the run", () => seen(10))
    far.unplug()
    const unplugged = performance.now()
    await record(10)
    const served = waitUntil(
      "the server notices",
      async () => (await readMetric(target, "turnline_connections")) <= 1,
      90_000,
    ).then(() => performance.now() - unplugged)
    const known = waitUntil(
      "the readers notice",
      async () => (await reader.report()).connected === 0,
      90_000,
    ).then(() => performance.now() - unplugged)
    const [serverNoticedMs, readersNoticedMs] = await Promise.all([served, known])
    far.plugIn()
    await waitUntil("far readers have all", () => seen(20), 60_000).catch(() => {})
    const { violations } = await reader.report()
    return { serverNoticedMs, readersNoticedMs, complete: await seen(20), violations }
  } finally {
    await reader.close()
    agent.close()
  }
}
