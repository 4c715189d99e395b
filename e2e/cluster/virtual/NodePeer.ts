import { randomUUID } from "node:crypto"
import { wireError } from "@/lib/protocol/codes"
import type { Identity } from "@/server/auth/Access"
import type { Fanout } from "@/server/fanout/Fanout"
import type { Subscriber } from "@/server/fanout/Subscriber"
import type { Clock } from "@/server/platform/Clock"
import type { RunOwner } from "@/server/registry/RegistryEvents"
import type { RunRegistry } from "@/server/registry/RunRegistry"
import type { Caller, Handlers } from "@/server/sockets/createHandlers"
import { isCommand, parseCommand } from "@/server/sockets/parseCommand"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { Pipe } from "./Pipe"

/** Commands that are executed even if their connection has closed in the meantime. */
const AGENT_COMMANDS: ReadonlySet<string> = new Set([
  ...["runs.start", "runs.update", "runs.record_turns", "runs.report_progress", "runs.complete"],
])

/** The client at the other end. */
export type PeerClient = {
  readonly client_id: string
  deliver(event: string, payload: unknown): void
  /** `isFinal`: the node has dismissed the client, so it doesn't connect again. */
  onClosed(peer: NodePeer, isFinal: boolean): void
}

/** The process that accepted the connection. */
export type PeerProcess = {
  readonly clock: Clock
  readonly isFrozen: boolean
  readonly services: { fanout: Fanout; registry: RunRegistry; handlers: Handlers }
  onLeft(peer: NodePeer): void
  /** Called with every message between the process and the client. */
  onMoved(): void
}

type Acknowledge = (reply: unknown) => void

/** A node's end of a client's connection: executes its commands and sends it events. */
export class NodePeer {
  readonly identity: Identity
  readonly #process: PeerProcess
  readonly #client: PeerClient
  readonly #caller: Caller
  readonly #up: Pipe
  readonly #down: Pipe
  readonly #working = new Set<Promise<void>>()
  isClosed = false
  #isDraining = false

  constructor(process: PeerProcess, client: PeerClient, identity: Identity) {
    this.#process = process
    this.#client = client
    this.identity = identity
    const id = randomUUID()
    const owner: RunOwner = {
      id,
      client_id: client.client_id,
      requestCancel: (request) => this.#send("runs.cancel_requested", JSON.stringify(request)),
      disconnect: () => this.cut(),
    }
    const subscriber = this.#createSubscriber(id)
    this.#caller = { principal: identity.principal, owner, subscriber }
    const onMoved = () => process.onMoved()
    this.#up = new Pipe(onMoved)
    this.#down = new Pipe(onMoved, () => process.services.fanout.resume(subscriber))
  }

  /** Sends a command to the node. */
  receive(command: string, payload: unknown, acknowledge: Acknowledge): void {
    this.#up.push(() => this.#execute(command, payload, acknowledge))
  }

  /** Holds or releases what the node sends, as if the client had stopped reading. */
  stall(isStalled: boolean): void {
    if (isStalled) this.#down.hold()
    else if (!this.#process.isFrozen) this.#down.release()
  }

  /** Holds or releases everything, as if the process were stopped. */
  freeze(isFrozen: boolean): void {
    for (const pipe of [this.#up, this.#down]) {
      if (isFrozen) pipe.hold()
      else pipe.release()
    }
  }

  /** Stops executing commands. Resolves when those in progress have been answered. */
  async drain(): Promise<void> {
    this.#isDraining = true
    await Promise.allSettled(this.#working)
  }

  /**
   * Closes the connection. Anything still in transit to the client is lost. `isFinal`: the client doesn't connect
   * again.
   */
  cut(isFinal = false): void {
    if (this.isClosed) return
    this.isClosed = true
    this.#down.cut()
    this.#client.onClosed(this, isFinal)
    // A frozen process notices later. Commands that were already sent are still executed.
    this.#up.push(() => this.#leave())
  }

  /** Closes the connection of a process that has died. */
  die(): void {
    this.isClosed = true
    this.#up.cut()
    this.#down.cut()
    this.#client.onClosed(this, false)
  }

  #createSubscriber(id: string): Subscriber {
    const isConnected = () => !this.isClosed
    const queuedBytes = () => this.#down.bytes
    return {
      id,
      get connected() {
        return isConnected()
      },
      get ready() {
        return queuedBytes() === 0
      },
      queuedBytes,
      send: ({ name, json }) => this.#send(name, json),
      disconnect: () => this.cut(),
    }
  }

  #send(event: string, json: string): void {
    this.#down.push(() => this.#client.deliver(event, JSON.parse(json)), json.length)
  }

  #execute(command: string, payload: unknown, acknowledge: Acknowledge): void {
    if (this.#isDraining || (this.isClosed && !AGENT_COMMANDS.has(command))) return
    const work = this.#run(command, payload)
      .then(({ reply, begin }) => {
        this.#down.push(() => acknowledge(reply))
        begin?.()
      })
      .finally(() => this.#working.delete(work))
    this.#working.add(work)
  }

  async #run(
    command: string,
    payload: unknown,
  ): Promise<{ reply: unknown; begin?: (() => void) | undefined }> {
    if (!isCommand(command)) throw new Error(`Unknown command ${command}`)
    const parsed = parseCommand(command, [payload], { bytes: 0, nowMs: this.#process.clock.now() })
    if ("refusal" in parsed) return { reply: parsed.refusal }
    const handle = this.#process.services.handlers[command] as (
      caller: Caller,
      payload: unknown,
    ) => Promise<{ reply: unknown; begin?: () => void }>
    try {
      return await handle(this.#caller, parsed.payload)
    } catch (error) {
      const isExpected = error instanceof StoreUnavailableError
      const refusal = isExpected ? wireError("unavailable") : wireError("internal", String(error))
      return { reply: { ok: false, error: refusal } }
    }
  }

  #leave(): void {
    const { fanout, registry } = this.#process.services
    fanout.remove(this.#caller.subscriber)
    registry.ownerClosed(this.#caller.owner)
    this.#process.onLeft(this)
  }
}
