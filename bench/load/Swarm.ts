import type { PeerAddress } from "@/bench/peers/startPeer"
import { RawClient } from "@/e2e/kit/RawClient"

const GROUP_SIZE = 50

/** Opens `count` connections, some at a time. */
export async function openMany(count: number, port: number, token: string): Promise<RawClient[]> {
  const clients: RawClient[] = []
  while (clients.length < count) {
    const some = Array.from({ length: Math.min(GROUP_SIZE, count - clients.length) }, () =>
      RawClient.open({ port, token }),
    )
    clients.push(...(await Promise.all(some)))
  }
  return clients
}

/** Starts a run and returns its ID. */
export async function startRun(agent: RawClient, number: number): Promise<string> {
  const payload = { agent_id: `bench/${number}`, intent: "Be measured" }
  const reply = await agent.ask<{ ok: boolean; run_id: string }>("runs.start", payload)
  if (!reply.ok) throw new Error(`runs.start: ${JSON.stringify(reply)}`)
  return reply.run_id
}

/** Connects viewers and subscribes them to a run. `onEvent` returns the event handler of a viewer. */
export async function openViewers(
  address: PeerAddress,
  run_id: string,
  count: number,
  onEvent: (viewer: number) => (event: Buffer) => void,
): Promise<RawClient[]> {
  const viewers = await openMany(count, address.port, address.viewerToken)
  const subscribed = viewers.map((viewer, number) => {
    const handle = onEvent(number)
    viewer.onEvent = (name, event) => {
      if (name === "runs.trace.event") handle(event)
    }
    return viewer.ask("runs.subscribe", { run_id })
  })
  await Promise.all(subscribed)
  return viewers
}

/** Returns the payload of `runs.record_turns` as JSON text. */
export const recordTurns = (run_id: string, turns: string) => `{"run_id":"${run_id}","turns":[${turns}]}`

const OK = Buffer.from('"ok":true')
/** Throws unless the reply reports success. */
export function mustBeOk(reply: Buffer | undefined): void {
  if (reply === undefined) throw new Error("the connection was lost")
  if (!reply.includes(OK)) throw new Error(`refused: ${reply.toString("utf8").slice(0, 300)}`)
}
