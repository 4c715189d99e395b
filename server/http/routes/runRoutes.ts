import type { ServerResponse } from "node:http"
import { z } from "zod"
import type { ErrorCode, WireError } from "@/lib/protocol/codes"
import { listRuns, searchTurns } from "@/lib/protocol/commands"
import { LIMITS } from "@/lib/protocol/limits"
import { paramsToFilter } from "@/lib/protocol/runFilterParams"
import type { HttpAudit } from "@/server/http/HttpAudit"
import type { Route } from "@/server/http/Route"
import { sendError, sendJson } from "@/server/net/respond"
import type { RunQueries } from "@/server/registry/RunQueries"
import { exportRun } from "./exportRun"

type RunRoutesOptions = { queries: RunQueries; audit: HttpAudit }

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
const searchQuery = searchTurns.omit({ run_id: true }).extend({
  errors: z
    .literal("1")
    .transform(() => true)
    .optional(),
  exits: z
    .literal("1")
    .transform(() => true)
    .optional(),
  min_cost: z.coerce.number().min(0).optional(),
  from: wholeNumber.optional(),
  limit: wholeNumber.pipe(z.int().min(1).max(LIMITS.searchLimit)).optional(),
})

/** A search as a query string has it: `kind`, `tool` and `model` may be given several times. */
function searchParamsOf({ searchParams }: URL): object {
  const { kind: _kind, tool: _tool, model: _model, ...single } = Object.fromEntries(searchParams)
  const lists = { kinds: "kind", tools: "tool", models: "model" }
  const given = Object.entries(lists).filter(([, name]) => searchParams.has(name))
  return { ...single, ...Object.fromEntries(given.map(([list, name]) => [list, searchParams.getAll(name)])) }
}

/** The read API: runs and their turns as JSON, and exports. */
export function runRoutes({ queries, audit }: RunRoutesOptions): Route[] {
  return [
    {
      method: "GET",
      path: "/api/runs",
      async handle({ principal, url, response }) {
        const { searchParams } = url
        const unread = unreadParams(searchParams)
        if (unread !== undefined) return sendError(response, 400, "invalid_params", unread)
        const page = listRuns.safeParse({
          ...paramsToFilter(searchParams),
          ...(searchParams.has("sort") && { sort: searchParams.get("sort") }),
          ...(searchParams.has("order") && { order: searchParams.get("order") }),
          ...(searchParams.has("limit") && { limit: Number(searchParams.get("limit")) }),
          ...(searchParams.has("cursor") && { before: searchParams.get("cursor") }),
        })
        if (!page.success) return sendError(response, 400, "invalid_params", describeProblem(page.error))
        const reply = await queries.list(principal, page.data)
        if (!reply.ok) return sendWireError(response, reply.error)
        const { runs, next, counts } = reply
        sendJson(response, 200, { runs, counts, ...(next !== undefined && { next }) })
      },
    },
    {
      method: "GET",
      path: "/api/runs/:runId",
      async handle({ principal, params, response }) {
        const run = await queries.get(principal, params.runId ?? "")
        if (run === undefined) return sendError(response, 404, "not_found")
        sendJson(response, 200, run)
      },
    },
    {
      method: "GET",
      path: "/api/runs/:runId/turns",
      async handle({ principal, params, url, response }) {
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
      },
    },
    {
      method: "GET",
      path: "/api/runs/:runId/turns/:index",
      async handle({ principal, params, response }) {
        const index = wholeNumber.safeParse(params.index)
        if (!index.success) return sendError(response, 404, "not_found", "The run has no such turn.")
        const reply = await queries.getTurn(principal, { run_id: params.runId ?? "", index: index.data })
        if (!reply.ok) return sendWireError(response, reply.error)
        sendJson(response, 200, reply.turn)
      },
    },
    {
      method: "GET",
      path: "/api/runs/:runId/search",
      async handle({ principal, params, url, response }) {
        const search = searchQuery.safeParse(searchParamsOf(url))
        if (!search.success) return sendError(response, 400, "invalid_params", describeProblem(search.error))
        const reply = await queries.searchTurns(principal, { ...search.data, run_id: params.runId ?? "" })
        if (!reply.ok) return sendWireError(response, reply.error)
        const { hits, total, total_is_exact, next } = reply
        sendJson(response, 200, { hits, total, total_is_exact, ...(next !== undefined && { next }) })
      },
    },
    {
      method: "GET",
      path: "/api/runs/:runId/export",
      handle({ principal, params, url, request, response }) {
        const runId = params.runId ?? ""
        response.once("close", () => {
          if (response.statusCode === 200)
            audit.record(request, principal, { event: "run_exported", run_id: runId })
        })
        const format = url.searchParams.get("format") ?? "jsonl"
        return exportRun(queries, principal, runId, format, request, response)
      },
    },
  ]
}

function sendWireError(response: ServerResponse, error: WireError): void {
  sendError(response, STATUS_OF[error.code] ?? 400, error.code, error.message)
}

function describeProblem(error: z.ZodError): string {
  const issue = error.issues[0]
  return `${issue?.path.join(".") || "query"}: ${issue?.message}`
}

/** Names the first part of a filter that can't be read; undefined if all can. */
function unreadParams(params: URLSearchParams): string | undefined {
  const filter = paramsToFilter(params)
  const wordsOf = (name: string) => (params.get(name) ?? "").split(",").filter((word) => word !== "")
  const read: Record<string, boolean> = {
    status: wordsOf("status").length === (filter.status ?? []).length,
    outcome: wordsOf("outcome").length === (filter.outcome ?? []).length,
    since: filter.since !== undefined,
    after: filter.started_after !== undefined,
    before: filter.started_before !== undefined,
    label: Object.keys(filter.labels ?? {}).length > 0,
  }
  for (const [name, isRead] of Object.entries(read)) {
    const text = params.get(name) ?? ""
    if (text !== "" && !isRead) return `${name}: "${text}" can't be read.`
  }
  return undefined
}
