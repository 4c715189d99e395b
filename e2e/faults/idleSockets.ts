import { setTimeout as sleep } from "node:timers/promises"
import type { Target } from "@/e2e/kit/model/Fleet"
import { processorSeconds, residentBytes } from "@/e2e/kit/processMemory"
import { RawClient } from "@/e2e/kit/RawClient"

export type IdleReport = {
  sockets: number
  connectMs: number
  bytesPerSocket: number
  /** The share of one core that the server used while idle. */
  processorShare: number
  /** Sockets that were closed even though they answered every heartbeat. */
  dropped: number
}

/** Opens many connections that only answer heartbeats, for `forMs`. */
export async function idleSockets(options: {
  target: Target
  sockets: number
  forMs: number
}): Promise<IdleReport> {
  const { target, sockets } = options
  const port = Number(new URL(target.url).port)
  const before = residentBytes(target.pid)
  const started = performance.now()
  const clients: RawClient[] = []
  try {
    while (clients.length < sockets) {
      const some = Array.from({ length: Math.min(100, sockets - clients.length) }, () =>
        RawClient.open({ port, token: target.viewerToken }),
      )
      clients.push(...(await Promise.all(some)))
    }
    const connectMs = performance.now() - started
    await sleep(2_000)
    const bytesPerSocket = (residentBytes(target.pid) - before) / sockets
    const used = processorSeconds(target.pid)
    await sleep(options.forMs)
    const processorShare = (processorSeconds(target.pid) - used) / (options.forMs / 1_000)
    const dropped = clients.filter((client) => client.wire.isClosed).length
    return { sockets, connectMs, bytesPerSocket, processorShare, dropped }
  } finally {
    for (const client of clients) client.close()
  }
}
