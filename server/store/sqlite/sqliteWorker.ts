import { setPriority } from "node:os"
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads"
import { DatabaseNewerError } from "@/server/store/errors"
import { SqliteReader } from "./SqliteReader"
import { SqliteWriter } from "./SqliteWriter"
import { SqliteIndexer } from "./textIndex/SqliteIndexer"
import type { Call, FromWorker, Service, ToWorker, WorkerSettings } from "./workerProtocol"

/** The maximum number of writes in a round, so that acknowledgements don't wait long for later calls. */
const CALLS_PER_ROUND = 1_000
/** The maximum number of reads in a round, so that a slow read delays only a few others. */
const READS_PER_ROUND = 4
const INDEXER_NICE = 19

/** Executes calls that arrive on a port, in order. Calls that have queued up are executed in one round. */
function serve(port: MessagePort, service: Service, perRound: number): void {
  const inbox: Call[] = []
  let closing = false
  const take = (message: ToWorker) => {
    if ("close" in message) closing = true
    else {
      const { calls, texts } = message
      for (const call of calls) inbox.push(texts === undefined ? call : { ...call, texts })
    }
  }
  const send = (message: FromWorker) => port.postMessage(message)
  const work = () => {
    for (;;) {
      for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
        take(next.message)
      }
      if (inbox.length === 0) break
      const began = performance.now()
      const replies = service.round(inbox.splice(0, perRound))
      send({ replies, seconds: (performance.now() - began) / 1000 })
    }
    if (closing) {
      service.close()
      port.close()
    } else if (service.idle()) setImmediate(() => closing || work())
  }
  port.on("message", (message: ToWorker) => {
    take(message)
    work()
  })
  send({ ready: true })
}

function open(settings: WorkerSettings): Service {
  // Indexing isn't urgent. Only Linux has priorities per thread; elsewhere, this would slow down all threads.
  if (settings.role === "indexer" && process.platform === "linux") setPriority(INDEXER_NICE)
  if (settings.role === "writer") return new SqliteWriter(settings)
  return settings.role === "indexer" ? new SqliteIndexer(settings.file) : new SqliteReader(settings.file)
}

function main(port: MessagePort, settings: WorkerSettings): void {
  try {
    serve(port, open(settings), settings.role === "writer" ? CALLS_PER_ROUND : READS_PER_ROUND)
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error))
    const versions: [number, number] | undefined =
      error instanceof DatabaseNewerError ? [error.found, error.known] : undefined
    port.postMessage({ failed: { name, message, ...(versions && { versions }) } } satisfies FromWorker)
  }
}

if (parentPort !== null) main(parentPort, workerData)
