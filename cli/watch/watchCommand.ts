import { hostname } from "node:os"
import { setTimeout as delay } from "node:timers/promises"
import { readWatchOptions, WATCH_HELP, type WatchOptions } from "./readWatchOptions"
import { ServerConnection } from "./runs/ServerConnection"
import { Watcher } from "./Watcher"

const POLL_MS = 100
/** How long the watcher may take to send what it has read, after a signal. */
const FINAL_DELIVERY_MS = 2_000

/** `turnline watch`: follows the sessions of coding agents on this machine. */
export async function run(args: string[]): Promise<number> {
  const options = readWatchOptions(args, process.env, Date.now())
  if (options !== undefined) return watch(options)
  process.stdout.write(WATCH_HELP)
  return 0
}

async function watch(options: WatchOptions): Promise<number> {
  const stop = new AbortController()
  let refusal: string | undefined
  const server = new ServerConnection({
    address: options.address,
    token: options.token,
    clientId: `turnline watch on ${hostname()}`,
    onOutage: (error) => report(error.message),
    onRefusal: (error) => {
      refusal = tokenHint(error.message, options)
      stop.abort()
    },
  })
  const watcher = new Watcher({
    ...options,
    server,
    onRun: ({ runId, start, created }) => {
      if (created) report(`${start.agent_id}  ${urlOf(options)}/runs/${runId}`)
    },
    onProblem: report,
  })
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort())
  await watcher.start()
  announce(watcher, options)
  await untilDone(watcher, options.once, stop.signal)
  watcher.close()
  server.close()
  if (refusal !== undefined) report(refusal)
  return refusal === undefined ? 0 : 1
}

async function untilDone(watcher: Watcher, once: boolean, stop: AbortSignal): Promise<void> {
  while (!stop.aborted && !(once && watcher.done)) await delay(POLL_MS)
  const deadline = Date.now() + FINAL_DELIVERY_MS
  while (!watcher.done && Date.now() < deadline && !once) await delay(POLL_MS)
}

function urlOf({ address }: WatchOptions): string {
  return address.origin + address.basePath
}

function announce(watcher: Watcher, options: WatchOptions): void {
  const url = urlOf(options)
  const { running, recent } = watcher.counts
  const found = `${running} running and ${recent} recent ${running + recent === 1 ? "session" : "sessions"}`
  report(options.once ? `Sending ${found} to ${url}` : `Watching ${found}; Turnline is at ${url}`)
}

function tokenHint(message: string, { token }: WatchOptions): string {
  const hint =
    token === undefined
      ? "Set TURNLINE_TOKEN, or TURNLINE_DATA_DIR to the server's data directory."
      : "The token in TURNLINE_TOKEN or the data directory isn't valid for this server."
  return `${message}. ${hint}`
}

function report(line: string): void {
  process.stderr.write(`${line}\n`)
}
