import type { Principal } from "@/lib/protocol/access"
import type { CommandName, CommandPayload, Refusal, Reply } from "@/lib/protocol/catalog"
import { wireError } from "@/lib/protocol/codes"
import type { Fanout } from "@/server/fanout/Fanout"
import { encodeEvent, type Subscriber } from "@/server/fanout/Subscriber"
import type { RunOwner } from "@/server/registry/RegistryEvents"
import type { RunQueries } from "@/server/registry/RunQueries"
import type { RunRegistry } from "@/server/registry/RunRegistry"
import { OUTGOING_MARK_BYTES } from "./CommandQueue"
import type { IngestLog } from "./IngestLog"

/** The sender of a command: its permissions, and its connection as a writer and as a subscriber. */
export type Caller = {
  readonly principal: Principal
  readonly owner: RunOwner
  readonly subscriber: Subscriber
}

/** The reply to a command. `begin` starts events and must be called once the reply has been sent. */
export type CommandResult<N extends CommandName> = { reply: Reply<N>; begin?: (() => void) | undefined }

export type Handlers = {
  readonly [N in CommandName]: (
    caller: Caller,
    payload: CommandPayload<N>,
  ) => CommandResult<N> | Promise<CommandResult<N>>
}

type HandlerParts = { registry: RunRegistry; queries: RunQueries; fanout: Fanout; ingest: IngestLog }

const FORBIDDEN: Refusal = { ok: false, error: wireError("forbidden") }

/** Creates the handlers of all commands. Writes call the registry synchronously, so that they keep their order. */
export function createHandlers({ registry, queries, fanout, ingest }: HandlerParts): Handlers {
  return {
    "runs.start": async ({ owner, principal }, payload) =>
      payload.run_id === undefined && principal.write.length === 0
        ? { reply: FORBIDDEN }
        : { reply: await registry.start(owner, principal, payload) },
    "runs.update": async ({ owner, principal }, payload) => ({
      reply: await registry.update(owner, principal, payload),
    }),
    // Not `async`, because this is the most frequent command.
    "runs.record_turns": ({ owner, principal }, payload) =>
      registry.recordTurns(owner, principal, payload).then((reply) => ({ reply })),
    "runs.report_progress": async ({ owner, principal }, payload) => ({
      reply: await registry.reportProgress(owner, principal, payload),
    }),
    "runs.complete": async ({ owner, principal }, payload) => ({
      reply: await registry.complete(owner, principal, payload),
    }),
    "runs.cancel": async ({ principal }, payload) => ({ reply: await registry.cancel(principal, payload) }),
    "runs.delete": async ({ principal }, payload) => ({ reply: await registry.delete(principal, payload) }),
    "runs.subscribe": ({ subscriber, principal }, payload) =>
      fanout.subscribe(subscriber, principal, payload),
    "runs.unsubscribe": ({ subscriber }, { run_id }) => ({
      reply: { ok: true, run_id, removed: fanout.unsubscribe(subscriber, run_id) },
    }),
    "runs.list": async ({ principal }, payload) => ({
      reply: await queries.list(principal, payload),
    }),
    "runs.watch": ({ subscriber, principal }, payload) => fanout.watch(subscriber, principal, payload),
    "runs.unwatch": ({ subscriber }) => ({ reply: { ok: true, removed: fanout.unwatch(subscriber) } }),
    "runs.get_trace": async ({ principal }, payload) => ({
      reply: await queries.getTrace(principal, payload),
    }),
    "runs.get_turn": async ({ principal }, payload) => ({ reply: await queries.getTurn(principal, payload) }),
    "runs.get_outline": async ({ principal }, payload) => ({
      reply: await queries.getOutline(principal, payload),
    }),
    "runs.search_turns": async ({ principal }, payload) => ({
      reply: await queries.searchTurns(principal, payload),
    }),
    "ingest.watch": ({ principal, subscriber }) => {
      if (principal.read !== "all") return { reply: FORBIDDEN }
      ingest.watch(subscriber.id, (notes) => {
        // Delivery isn't guaranteed: slow readers miss some notes.
        if (subscriber.queuedBytes() <= OUTGOING_MARK_BYTES)
          subscriber.send(encodeEvent("ingest.event", { notes }))
      })
      return { reply: { ok: true, recent: ingest.recent() } }
    },
    "ingest.unwatch": ({ subscriber }) => ({
      reply: { ok: true, removed: ingest.unwatch(subscriber.id) },
    }),
  }
}
