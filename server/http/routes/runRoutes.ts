import type { ServerResponse } from "node:http"
import { z } from "zod"
import type { ErrorCode, WireError } from "@/lib/protocol/codes"
import { searchTurns } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import { isDemoVisitor } from "@/server/auth/demoVisitor"
import type { Quotas } from "@/server/auth/Quotas"
import type { HttpAudit } from "@/server/http/HttpAudit"
import type { AuthenticatedContext, Route } from "@/server/http/Route"
import { unknownParams } from "@/server/http/readQuery"
import type { Metrics } from "@/server/metrics/Metrics"
import { sendError, sendJson, sendRateLimited } from "@/server/net/respond"
import type { RunQueries } from "@/server/registry/RunQueries"
import { exportRun } from "./exportRun"
import { describeProblem, LIST_PARAMS, readListQuery } from "./readListQuery"

type RunRoutesOptions = {
  queries: RunQueries
  audit: HttpAudit
  quotas: Pick<Quotas, "takeRead">
  metrics: Pick<Metrics, "refused">
}

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  invalid_params: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
}

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number)
const turnsQuery = z.object({
  from: wholeNumber.default(0),
  limit: wholeNumber.pipe(z.int().min(1).max(LIMITS.traceLimit)).default(100),
})
const flag = z
  .enum(["1", "true", "0", "false"], { error: "must be 1 or 0" })
  .transform((word) => word === "1" || word === "true")
  .optional()
const searchQuery = searchTurns.omit({ run_id: true }).extend({
  errors: flag,
  exits: flag,
  min_cost: z.coerce.number().min(0).optional(),
  from: wholeNumber.optional(),
  limit: wholeNumber.pipe(z.int().min(1).max(LIMITS.searchLimit)).optional(),
})
/** Parameters that may be repeated, each with its name in `runs.search_turns`. */
const SEARCH_LISTS = { kind: "kinds", tool: "tools", model: "models" } as const
const SEARCH_PARAMS = [
  ...["q", "errors", "exits", "min_cost", "from", "limit"],
  ...Object.entries(SEARCH_LISTS).flat(),
]

/** Returns the search parameters of a query string: `kind`, `tool` and `model` may be repeated. */
function searchParamsOf({ searchParams }: URL): object {
  const single = [...searchParams].filter(([name]) => !Object.entries(SEARCH_LISTS).flat().includes(name))
  const lists = Object.entries(SEARCH_LISTS).flatMap(([name, list]) => {
    const values = [...searchParams.getAll(name), ...searchParams.getAll(list)]
    return values.length === 0 ? [] : [[list, values] as const]
  })
  return { ...Object.fromEntries(single), ...Object.fromEntries(lists) }
}

/** The read API: runs and their turns as JSON, and exports. */
export function runRoutes({ queries, audit, quotas, metrics }: RunRoutesOptions): Route[] {
  const read = (path: string, known: readonly string[], handle: HandleRead) =>
    readRoute({ audit, quotas, metrics }, path, known, handle)
  return [
    read("/api/runs", LIST_PARAMS, async ({ principal, url, response }) => {
      const list = readListQuery(url.searchParams)
      if ("problem" in list) return sendError(response, 400, "invalid_params", list.problem)
      const reply = await queries.list(principal, list.query)
      if (!reply.ok) return sendWireError(response, reply.error)
      const { runs, next, counts } = reply
      sendJson(response, 200, { runs, counts, ...(next !== undefined && { next }) })
    }),
    read("/api/runs/:runId", [], async ({ principal, params, response }) => {
      const run = await queries.get(principal, params.runId ?? "")
      if (run === undefined) return sendError(response, 404, "not_found")
      sendJson(response, 200, run)
    }),
    read("/api/runs/:runId/turns", ["from", "limit"], async ({ principal, params, url, response }) => {
      const range = turnsQuery.safeParse(Object.fromEntries(url.searchParams))
      if (!range.success) return sendError(response, 400, "invalid_params", describeProblem(range.error))
      const { from, limit } = range.data
      const reply = await queries.getTrace(principal, { run_id: params.runId ?? "", cursor: from, limit })
      if (!reply.ok) return sendWireError(response, reply.error)
      const turns = reply.records.flatMap((entry) => {
        const { record, ...turn } = entry
        return record === "turn" ? [turn] : []
      })
      sendJson(response, 200, { turns, ...(reply.next !== undefined && { next: reply.next }) })
    }),
    read("/api/runs/:runId/turns/:index", [], async ({ principal, params, response }) => {
      const index = wholeNumber.safeParse(params.index)
      if (!index.success) return sendError(response, 404, "not_found", "The turn doesn't exist.")
      const reply = await queries.getTurn(principal, { run_id: params.runId ?? "", index: index.data })
      if (!reply.ok) return sendWireError(response, reply.error)
      sendJson(response, 200, reply.turn)
    }),
    read("/api/runs/:runId/search", SEARCH_PARAMS, async ({ principal, params, url, response }) => {
      const search = searchQuery.safeParse(searchParamsOf(url))
      if (!search.success) return sendError(response, 400, "invalid_params", describeProblem(search.error))
      const reply = await queries.searchTurns(principal, { ...search.data, run_id: params.runId ?? "" })
      if (!reply.ok) return sendWireError(response, reply.error)
      const { hits, total, total_is_exact, next } = reply
      sendJson(response, 200, { hits, total, total_is_exact, ...(next !== undefined && { next }) })
    }),
    read("/api/runs/:runId/export", ["format"], async ({ principal, params, url, request, response }) => {
      const runId = params.runId ?? ""
      response.once("close", () => {
        if (response.statusCode === 200)
          audit.record(request, principal, { event: "run_exported", run_id: runId })
      })
      const format = url.searchParams.get("format") ?? "jsonl"
      return exportRun(queries, principal, runId, format, request, response)
    }),
  ]
}

type HandleRead = (context: AuthenticatedContext) => Promise<void>

/** A route that reads runs. It is rate-limited per token and rejects query parameters other than `known`. */
function readRoute(
  { audit, quotas, metrics }: Pick<RunRoutesOptions, "audit" | "quotas" | "metrics">,
  path: string,
  known: readonly string[],
  handle: HandleRead,
): Route {
  return {
    method: "GET",
    path,
    async handle(context) {
      const { principal, request, response, url } = context
      const reader = isDemoVisitor(principal) ? audit.address(request) : principal.token_id
      const waitMs = quotas.takeRead(reader)
      if (waitMs > 0) {
        metrics.refused("rate")
        return sendRateLimited(response, waitMs)
      }
      const unknown = unknownParams(url.searchParams, known)
      if (unknown !== undefined) return sendError(response, 400, "invalid_params", unknown.problem)
      await handle(context)
    },
  }
}

function sendWireError(response: ServerResponse, error: WireError): void {
  sendError(response, STATUS_OF[error.code] ?? 400, error.code, error.message)
}
