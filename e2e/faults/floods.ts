import type { Target } from "@/e2e/kit/model/Fleet"
import { residentBytes } from "@/e2e/kit/processMemory"
import { RawClient } from "@/e2e/kit/RawClient"
import { OPCODE, RawSocket } from "@/e2e/kit/RawSocket"
import { waitUntil } from "@/e2e/kit/waitUntil"

const GREEDY_WINDOW = 32

const portOf = (target: Target) => Number(new URL(target.url).port)

/**
 * Sends CONNECT many times on one transport connection. Returns how many sockets this opened, and whether the
 * connection was closed.
 */
export async function connectFlood(
  target: Target,
  connects: number,
): Promise<{ sockets: number; refused: number; closed: boolean }> {
  const wire = await RawSocket.open({ port: portOf(target) })
  let sockets = 0
  let refused = 0
  wire.onText = (text) => {
    if (text.toString("latin1", 0, 2) === "40") sockets++
    else if (text.toString("latin1", 0, 2) === "44") refused++
  }
  const connect = `40${JSON.stringify({ token: target.agentToken })}`
  for (let count = 0; count < connects; count++) wire.send(connect)
  await waitUntil("it is answered", () => sockets + refused > 0)
  let closed = false
  void wire.closed.then(() => {
    closed = true
  })
  await waitUntil("it is closed", () => closed, 10_000).catch(() => {})
  wire.destroy()
  return { sockets, refused, closed }
}

export type FloodReport = {
  answered: number
  ok: number
  rateLimited: number
  other: number
  growthBytes: number
  /** How long another connection waited for its replies in the meantime, ms. */
  othersMs: number[]
}

/**
 * Sends many commands together on one connection, each with an acknowledgement, while another connection sends a few.
 */
export async function ackFlood(target: Target, calls: number): Promise<FloodReport> {
  const flooder = await RawClient.open({ port: portOf(target), token: target.agentToken })
  const other = await RawClient.open({ port: portOf(target), token: target.agentToken })
  const rss = residentBytes(target.pid)
  const report: FloodReport = { answered: 0, ok: 0, rateLimited: 0, other: 0, growthBytes: 0, othersMs: [] }
  const start = { agent_id: "flood/1", intent: "Flood" }
  const { run_id } = await flooder.ask<{ run_id: string }>("runs.start", start)
  const mine = await other.ask<{ run_id: string }>("runs.start", { agent_id: "flood/2", intent: "Work" })
  for (let call = 0; call < calls; call++)
    flooder.call("runs.report_progress", `{"run_id":"${run_id}","progress":{"text":"${call}"}}`, (reply) => {
      report.answered++
      if (reply?.includes('"ok":true')) report.ok++
      else if (reply?.includes('"rate_limited"')) report.rateLimited++
      else report.other++
    })
  while (report.answered < calls && !flooder.wire.isClosed) {
    const asked = performance.now()
    await other.ask("runs.record_turns", { run_id: mine.run_id, turns: [{ message: "still served" }] })
    report.othersMs.push(performance.now() - asked)
  }
  report.growthBytes = residentBytes(target.pid) - rss
  flooder.close()
  other.close()
  return report
}

export type ShareReport = {
  /** Concurrent batches of the greedy agents. */
  inFlight: number
  /** Maximum number of greedy agents' batches acknowledged during a single batch of the modest agent. */
  mostMeanwhile: number
  modestAcked: number
  /** Batches of greedy agents that were not stored. */
  refused: number
}

/**
 * Runs agents that keep their windows full of large batches, and one that waits for each acknowledgement before its
 * next turn.
 */
export async function unevenAgents(
  target: Target,
  greedy: number,
  modestTurns: number,
): Promise<ShareReport> {
  const open = () => RawClient.open({ port: portOf(target), token: target.agentToken })
  const start = async (client: RawClient, number: number) =>
    (await client.ask<{ run_id: string }>("runs.start", { agent_id: `share/${number}`, intent: "Share" }))
      .run_id
  const turn = JSON.stringify({ message: "x".repeat(2_000) })
  const report: ShareReport = {
    inFlight: greedy * GREEDY_WINDOW,
    mostMeanwhile: 0,
    modestAcked: 0,
    refused: 0,
  }
  let [acked, isOver] = [0, false]
  const clients = await Promise.all(Array.from({ length: greedy }, open))
  for (const [number, client] of clients.entries()) {
    const payload = `{"run_id":"${await start(client, number)}","turns":[${Array(16).fill(turn).join()}]}`
    const send = () =>
      client.call("runs.record_turns", payload, (reply) => {
        if (reply?.includes('"ok":true')) acked++
        else if (!isOver) report.refused++
        if (!isOver) send()
      })
    for (let window = 0; window < GREEDY_WINDOW; window++) send()
  }
  const modest = await open()
  const run_id = await start(modest, greedy)
  await waitUntil("the greedy agents are sending", () => acked > report.inFlight * 2)
  for (; report.modestAcked < modestTurns; report.modestAcked++) {
    const before = acked
    await modest.ask("runs.record_turns", { run_id, turns: [{ message: "small" }] })
    report.mostMeanwhile = Math.max(report.mostMeanwhile, acked - before)
  }
  isOver = true
  for (const client of [...clients, modest]) client.close()
  return report
}

export type OversizeReport = { what: string; closeCode: number }[]

/**
 * Sends messages over every limit, in every way that a frame can be too large. Each must end its connection; `code` is
 * the close code.
 */
export async function oversize(target: Target, maxMessageBytes: number): Promise<OversizeReport> {
  const big = Buffer.alloc(maxMessageBytes + 1_000, "x")
  const attacks: Record<string, (wire: RawSocket) => void> = {
    "one frame over the limit": (wire) => {
      wire.send(big)
    },
    "fragments over the limit": (wire) => {
      const half = big.subarray(0, (maxMessageBytes >> 1) + 1_000)
      wire.send(half, { fin: false })
      wire.send(half, { opcode: OPCODE.continuation })
    },
    "a gigabyte announced": (wire) => {
      wire.send(Buffer.alloc(10), { announce: 1024 ** 3 })
    },
    "2^53 bytes announced": (wire) => {
      wire.send(Buffer.alloc(10), { announce: 2 ** 53 })
    },
    "a compressed frame without negotiation": (wire) => {
      wire.send(Buffer.alloc(10), { rsv1: true })
    },
    "a frame without its mask": (wire) => {
      wire.send("40", { masked: false })
    },
  }
  const report: OversizeReport = []
  for (const [what, attack] of Object.entries(attacks)) {
    const headers = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" }
    const wire = await RawSocket.open({ port: portOf(target), headers })
    if (/permessage-deflate/i.test(wire.responseHeaders))
      report.push({ what: "compression was negotiated", closeCode: 0 })
    attack(wire)
    const closeCode = await Promise.race([
      wire.closed,
      new Promise<number>((resolve) => setTimeout(() => resolve(-1), 10_000)),
    ])
    report.push({ what, closeCode })
    wire.destroy()
  }
  return report
}
