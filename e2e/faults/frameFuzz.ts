import { Connection, LOST } from "@/e2e/kit/Connection"
import type { Target } from "@/e2e/kit/model/Fleet"
import { residentBytes } from "@/e2e/kit/processMemory"
import { OPCODE, RawSocket } from "@/e2e/kit/RawSocket"
import { readMetric } from "@/e2e/kit/readMetric"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import { waitUntil } from "@/e2e/kit/waitUntil"
import { hostileFrame } from "./hostileFrames"

export type FuzzReport = {
  connections: number
  frames: number
  /** Connections closed by the server. */
  closedByServer: number
  /** Whether the same process served a well-behaved client throughout. */
  survived: boolean
  /** Connections that the test has closed but the server still counts. */
  leaked: number
  growthBytes: number
}

const PATHS = [
  "/socket.io/?EIO=4&transport=websocket",
  "/socket.io/?EIO=3&transport=websocket",
  "/socket.io/?EIO=4&transport=bogus",
  "/socket.io/?EIO=4&transport=websocket&sid=none",
  "/socket.io/?EIO=4&transport=__proto__",
  "/socket.io/?transport=websocket&transport=polling&EIO=4",
  "/socket.io/%00?EIO=4&transport=websocket",
  "/socket.io/",
]

/**
 * Sends frames that violate every layer's rules until `until` returns true, and checks that no other client is
 * affected.
 */
export async function frameFuzz(options: {
  target: Target
  random: SeededRandom
  /** Called after each connection. */
  until: (connections: number) => boolean
}): Promise<FuzzReport> {
  const { target, random } = options
  const report = { connections: 0, frames: 0, closedByServer: 0, survived: false, leaked: 0, growthBytes: 0 }
  const pid = target.pid
  const good = new Connection({ url: target.url, token: target.agentToken })
  await good.connected()
  const started = await good.ask("runs.start", { agent_id: "fuzz/good", intent: "Be served throughout" })
  if (started === LOST || !started.ok) throw new Error("the good client is not served")
  const { run_id } = started
  const rss = residentBytes(pid)
  try {
    while (!options.until(report.connections)) {
      await Promise.all(Array.from({ length: 8 }, () => oneConnection(target, random, run_id, report)))
      if (report.connections % 32 === 0 && random.chance(0.5)) await pollingAbuse(target, random)
      const reply = await good.ask("runs.report_progress", { run_id, progress: { text: "still here" } })
      if (reply === LOST || (!reply.ok && reply.error.code !== "already_terminal")) break
    }
    report.survived = good.connects === 1 && target.pid === pid && residentBytes(pid) > 0
    const connections = () => readMetric(target, "turnline_connections")
    await waitUntil("the others are gone", async () => (await connections()) <= 1, 20_000).catch(() => {})
    report.leaked = (await connections()) - 1
    report.growthBytes = residentBytes(pid) - rss
    return report
  } finally {
    good.close()
  }
}

async function oneConnection(target: Target, random: SeededRandom, run_id: string, report: FuzzReport) {
  report.connections++
  const path = random.chance(0.9) ? PATHS[0] : random.pick(PATHS)
  const token = random.chance(0.9) ? target.agentToken : random.pick([target.viewerToken, "tl_no_such"])
  const port = Number(new URL(target.url).port)
  const wire = await RawSocket.open({ port, ...(path !== undefined && { path }), timeoutMs: 5_000 }).catch(
    () => undefined,
  )
  if (!wire) return
  const connects = random.chance(0.9)
  if (connects) wire.send(`40${JSON.stringify({ token })}`)
  // Usually waits for the opening packet and, if a CONNECT was sent, its reply.
  if (random.chance(0.9)) await Promise.race([nextText(wire, connects ? 2 : 1), wire.closed])
  for (let count = random.int(1, 30); count > 0 && !wire.isClosed; count--) {
    report.frames++
    const frame = hostileFrame(random, run_id)
    const opcode = random.chance(0.95) ? OPCODE.text : random.int(0, 15)
    wire.send(frame, { opcode, fin: random.chance(0.98), rsv1: random.chance(0.01) })
  }
  await Promise.race([wire.closed, new Promise((resolve) => setTimeout(resolve, random.int(0, 20)))])
  if (wire.isClosed) report.closedByServer++
  wire.destroy()
}

/** Resolves when this many messages have arrived. */
function nextText(wire: RawSocket, count: number): Promise<void> {
  return new Promise((resolve) => {
    let seen = 0
    wire.onText = () => {
      if (++seen >= count) resolve()
    }
  })
}

async function pollingAbuse(target: Target, random: SeededRandom): Promise<void> {
  const base = `${target.url}/socket.io/?EIO=4&transport=polling`
  const signal = AbortSignal.timeout(1_000)
  const opened = await fetch(base, { signal }).catch(() => undefined)
  const text = (await opened?.text().catch(() => "")) ?? ""
  const sid = text.match(/"sid":"([^"]+)"/)?.[1] ?? "none"
  const body = () => new Uint8Array(hostileFrame(random, "none"))
  const tries = [
    () => fetch(`${base}&sid=${sid}`, { method: "POST", body: body(), signal }),
    () => fetch(`${base}&sid=${sid}`, { signal }),
    () => fetch(`${base}&sid=${sid}`, { signal }),
    () => fetch(`${base}&sid=${sid}`, { method: "PUT", body: body(), signal }),
    () => fetch(`${base}&sid=__proto__`, { method: "POST", body: body(), signal }),
    () => fetch(`${base}&j=0;alert(1)`, { signal }),
  ]
  await Promise.allSettled(tries.map(async (attempt) => (await attempt()).text()))
  const port = Number(new URL(target.url).port)
  for (let times = 0; times < 2; times++) {
    const path = `/socket.io/?EIO=4&transport=websocket&sid=${sid}`
    const wire = await RawSocket.open({ port, path, timeoutMs: 1_000 }).catch(() => undefined)
    wire?.send("2probe")
    wire?.send(random.pick(["5", "5", "2probe", "40"]))
    setTimeout(() => wire?.destroy(), 20)
  }
}
