import { connect, type Socket } from "node:net"
import type { Target } from "@/e2e/kit/model/Fleet"
import { RawClient } from "@/e2e/kit/RawClient"
import { RawSocket } from "@/e2e/kit/RawSocket"
import { waitUntil } from "@/e2e/kit/waitUntil"

export type LorisReport = {
  opened: number
  /** Whether a new client was served while all these connections were open. */
  served: boolean
  /** Connections still open after their timeout. */
  left: { headers: number; silentUpgrades: number; bodies: number }
}

/**
 * Opens connections that never make progress: headers that never end, upgrades without a CONNECT, bodies that never
 * arrive. A new client must be served in the meantime, and each connection must be closed within `freedWithinMs`.
 */
export async function slowLoris(options: {
  target: Target
  each: number
  freedWithinMs: number
}): Promise<LorisReport> {
  const port = Number(new URL(options.target.url).port)
  const numbers = Array.from({ length: options.each }, (_, number) => number)
  const headers = await Promise.all(
    numbers.map(() => openTcp(port, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")),
  )
  const bodies = await Promise.all(
    numbers.map(() =>
      openTcp(
        port,
        `POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 1000\r\n\r\n`,
      ),
    ),
  )
  const silent = await Promise.all(numbers.map(() => RawSocket.open({ port })))
  const drip = setInterval(() => {
    for (const socket of headers) if (!socket.destroyed) socket.write("a")
  }, 3_000)
  try {
    const client = await RawClient.open({ port, token: options.target.viewerToken })
    const reply = await client.ask<{ ok: boolean }>("runs.list", {})
    client.close()
    const open = (sockets: Socket[]) => sockets.filter((socket) => !socket.destroyed).length
    const left = () => ({
      headers: open(headers),
      silentUpgrades: open(silent.map((wire) => wire.tcp)),
      bodies: open(bodies),
    })
    const allGone = () => Object.values(left()).every((count) => count === 0)
    await waitUntil("all are disconnected", allGone, options.freedWithinMs).catch(() => {})
    return { opened: 3 * options.each, served: reply.ok, left: left() }
  } finally {
    clearInterval(drip)
    for (const socket of [...headers, ...bodies]) socket.destroy()
    for (const wire of silent) wire.destroy()
  }
}

function openTcp(port: number, text: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.write(text)
      resolve(socket)
    })
    socket.on("error", reject)
    socket.on("data", () => {})
    socket.on("end", () => socket.destroy())
  })
}
