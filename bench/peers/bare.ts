import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks"
import { Server } from "socket.io"
import { FlushedFile } from "./FlushedFile"

// A plain Socket.IO server for comparison. It accepts the same commands, numbers the turns, sends one frame per turn to
// the run's room, and acknowledges. It has no storage, validation or limits. With BARE_FLUSHES=1 it first writes each
// command to a file and flushes it.
type Loose = { [field: string]: unknown }
type Reply = (answer: Loose) => void

const cursors = new Map<string, number>()
const file = process.env.BARE_FLUSHES === "1" ? new FlushedFile() : undefined
const http = createServer((request, response) => {
  if (request.url === "/metrics") response.end(metrics(loop))
  else response.writeHead(404).end()
})
const io = new Server(http, { maxHttpBufferSize: 8 * 1024 * 1024, serveClient: false })
/** The timer's period is part of the measured value. */
const LOOP_PERIOD_MS = 10
const loop = monitorEventLoopDelay({ resolution: LOOP_PERIOD_MS })
loop.enable()
let runs = 0

io.on("connection", (socket) => {
  socket.on("runs.start", ({ agent_id }: Loose, reply: Reply) => {
    const run_id = `run-${++runs}`
    cursors.set(run_id, 0)
    reply({ ok: true, run_id, agent_id, created: true, cursor: 0, status: "in_progress" })
  })
  socket.on("runs.record_turns", (command: { run_id: string; turns: Loose[] }, reply: Reply) => {
    if (file === undefined) publish(command, reply)
    else file.add(JSON.stringify(command), () => publish(command, reply))
  })
  socket.on("runs.subscribe", ({ run_id }: { run_id: string }, reply: Reply) => {
    socket.join(run_id)
    reply({ ok: true, run_id, cursor: cursors.get(run_id) ?? 0, status: "in_progress" })
  })
})

function publish({ run_id, turns }: { run_id: string; turns: Loose[] }, reply: Reply): void {
  const base_index = cursors.get(run_id) ?? 0
  cursors.set(run_id, base_index + turns.length)
  turns.forEach((turn, k) => {
    const from = base_index + k
    const record = { record: "turns", from, turns: [{ index: from, ...turn }] }
    io.to(run_id).emit("runs.trace.event", { run_id, record, cursor: from + 1, status: "in_progress" })
  })
  reply({ ok: true, run_id, base_index, count: turns.length })
}

http.listen(0, "127.0.0.1", () => {
  process.stdout.write(`bare at http://127.0.0.1:${(http.address() as AddressInfo).port}\n`)
})
process.once("SIGTERM", () => process.exit(0))

function metrics(histogram: IntervalHistogram): string {
  const lines = [0.5, 0.99].map(
    (quantile) =>
      `turnline_event_loop_delay_seconds{quantile="${quantile}"} ${Math.max(0, histogram.percentile(quantile * 100) / 1e9 - LOOP_PERIOD_MS / 1e3)}\n`,
  )
  histogram.reset()
  return lines.join("")
}
