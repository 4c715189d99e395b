import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { io } from "socket.io-client"
import { type Peer, startOurs } from "@/bench/peers/startPeer"
import { percentile } from "@/bench/statistics"
import { ServerConnection } from "@/cli/watch/runs/ServerConnection"
import { toolDirectories } from "@/cli/watch/toolDirectories"
import { Watcher } from "@/cli/watch/Watcher"
import { serverAddress } from "@/lib/agent/delivery/serverAddress"
import type { TraceEvent } from "@/lib/protocol/events"
import { brief, type Row, type RowContext } from "./Row"

const SESSION = "11111111-2222-4333-8444-555555555555"
const PER_SECOND = 20

const ms = (values: readonly number[]) =>
  `p50 ${brief(percentile(values, 0.5))} ms, p95 ${brief(percentile(values, 0.95))} ms, p99 ${brief(percentile(values, 0.99))} ms`

/** Calls `send` at a steady rate. */
async function steadily({ quick }: RowContext, send: (n: number) => Promise<void> | void): Promise<void> {
  const count = PER_SECOND * (quick ? 5 : 30)
  for (let n = 0; n < count; n++) {
    const next = performance.now() + 1_000 / PER_SECOND
    await send(n)
    await delay(Math.max(0, next - performance.now()))
  }
}

async function hookLatencies(peer: Peer, context: RowContext): Promise<number[]> {
  const latencies: number[] = []
  await steadily(context, async (n) => {
    const began = performance.now()
    const response = await fetch(`${peer.url}/ingest/claude-code/hooks`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${peer.address.agentToken}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({
        session_id: SESSION,
        cwd: "/srv/shop",
        hook_event_name: n === 0 ? "UserPromptSubmit" : "PostToolUse",
        prompt: "Go",
        tool_name: "Bash",
        tool_input: { command: `make ${n}` },
        tool_use_id: `toolu_${n}`,
        tool_response: { stdout: "x".repeat(2_000) },
      }),
    })
    await response.text()
    // The first request also opens the connection, so it isn't measured.
    if (n > 0) latencies.push(performance.now() - began)
  })
  return latencies
}

const hooksRow: Row = {
  id: "hooks",
  what: `hooks: response to Claude Code, ${PER_SECOND} events/s`,
  goal: "p99 ≤ 10 ms",
  async run(context) {
    const peer = await startOurs()
    try {
      const latencies = await hookLatencies(peer, context)
      return { ours: ms(latencies), met: percentile(latencies, 0.99) <= 10 }
    } finally {
      await peer.stop()
    }
  },
}

/** Measures the time from a new line in Claude Code's file until a subscriber has its turn. */
async function watchLatencies(peer: Peer, home: string, context: RowContext): Promise<number[]> {
  const file = join(home, ".claude/projects/-srv-shop", `${SESSION}.jsonl`)
  mkdirSync(join(file, ".."), { recursive: true })
  const server = new ServerConnection({
    address: serverAddress(peer.url),
    token: peer.address.agentToken,
    clientId: "bench",
    onOutage: () => {},
    onRefusal: () => {},
  })
  let found: (runId: string) => void = () => {}
  const runId = new Promise<string>((resolve) => {
    found = resolve
  })
  const watcher = new Watcher({
    server,
    home,
    directories: toolDirectories(home, undefined),
    tools: ["claude-code"],
    since: Date.now() - 60_000,
    project: undefined,
    content: true,
    onRun: (run) => found(run.runId),
    onProblem: context.say,
  })
  await watcher.start()
  const say = (n: number) =>
    appendFileSync(
      file,
      `${JSON.stringify({
        type: "user",
        uuid: `u${n}`,
        sessionId: SESSION,
        timestamp: new Date().toISOString(),
        cwd: "/srv/shop",
        message: { role: "user", content: `prompt ${n}` },
      })}\n`,
    )
  say(0)
  const viewer = io(peer.url, { transports: ["websocket"], auth: { token: peer.viewerToken } })
  const writtenAt = new Map<string, number>()
  const latencies: number[] = []
  viewer.on("runs.trace.event", ({ record }: TraceEvent) => {
    if (record.record !== "turns") return
    for (const { prompt } of record.turns) {
      const at = writtenAt.get(String(prompt))
      if (at !== undefined) latencies.push(performance.now() - at)
    }
  })
  await viewer.emitWithAck("runs.subscribe", { run_id: await runId, from: 0 })
  await steadily(context, (n) => {
    writtenAt.set(`prompt ${n + 1}`, performance.now())
    say(n + 1)
  })
  await delay(2_000)
  viewer.close()
  watcher.close()
  server.close()
  if (latencies.length < writtenAt.size)
    context.say(`${writtenAt.size - latencies.length} lines didn't arrive`)
  return latencies
}

const watchRow: Row = {
  id: "watch",
  what: `turnline watch: from a line in a file to the turn at a subscriber, ${PER_SECOND} lines/s`,
  goal: "p95 ≤ 250 ms",
  async run(context) {
    const peer = await startOurs()
    const home = mkdtempSync(join(tmpdir(), "turnline-bench-home-"))
    try {
      const latencies = await watchLatencies(peer, home, context)
      return { ours: ms(latencies), met: percentile(latencies, 0.95) <= 250 }
    } finally {
      await peer.stop()
      rmSync(home, { recursive: true })
    }
  },
}

export const FOREIGN_ROWS: readonly Row[] = [hooksRow, watchRow]
