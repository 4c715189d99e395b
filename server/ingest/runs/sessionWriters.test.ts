import { beforeEach, expect, test } from "vitest"
import { DEFAULT_TRACE_SETTINGS } from "@/lib/dialects/TraceSettings"
import { log } from "@/lib/dialects/testing/buildSpan"
import { anOwner, aPrincipal, aTurn } from "@/lib/testing/builders"
import { registryWorld } from "@/lib/testing/registryWorld"
import { IngestService } from "@/server/ingest/IngestService"
import { toOtlpJson } from "@/server/ingest/otlp/otlpJson"
import { isoTime } from "@/server/platform/Clock"
import { MemoryIngestStore } from "@/server/store/memory/MemoryIngestStore"

const SESSION = "5f0c9d2e-bbbb"
const everyone = aPrincipal()

let w: ReturnType<typeof registryWorld>
let service: IngestService
let lost = 0

beforeEach(() => {
  w = registryWorld()
  lost = 0
  service = new IngestService({
    ...{ store: new MemoryIngestStore(), runs: w.store, registry: w.registry, clock: w.clock },
    maxTurnBytes: 1_000_000,
    logError: (error) => {
      throw error
    },
    settings: { ...DEFAULT_TRACE_SETTINGS, maxBytes: 1e7, maxUnpackedBytes: 1e7, maxStateBytes: 1e8 },
    onLost: (_, count) => {
      lost += count
    },
  })
})

/** Sends a turn of Claude Code's own telemetry. */
async function telemetry(n: number, principal = everyone) {
  const record = log({
    name: "claude_code.api_request",
    at: n,
    resource: { "service.name": "claude-code" },
    attributes: { "session.id": SESSION, request_id: `r${n}`, model: "m", input_tokens: 1, output_tokens: 1 },
  })
  await service.accept(principal, "otlp", toOtlpJson([record], undefined))
  await w.clock.advanceAsync(DEFAULT_TRACE_SETTINGS.holdMs + 1_000)
}

const start = (owner = anOwner()) =>
  w.registry.start(owner, everyone, {
    ...{ agent_id: "claude-code/shop", intent: "watched", idempotency_key: `claude-code:${SESSION}` },
    ...{ source: { name: "claude-code", session: SESSION }, labels: { session: SESSION } },
    started_at: isoTime(w.clock.now()),
  })

async function runs() {
  const list = await w.queries.list(everyone, {})
  if (!list.ok) throw new Error("no list")
  return list.runs.map(({ agent_id, cursor }) => [agent_id, cursor])
}

test("telemetry adds nothing to a session that a watcher writes", async () => {
  const owner = anOwner()
  const watched = await start(owner)
  if (!watched.ok) throw new Error(watched.error.code)
  await w.registry.recordTurns(owner, everyone, { run_id: watched.run_id, turns: [aTurn()] })
  await telemetry(1)
  await telemetry(2)
  expect(await runs()).toEqual([["claude-code/shop", 1]])
  expect(lost).toBe(0)
})

test("a watcher that starts later finds the run that telemetry writes, and telemetry continues to write it", async () => {
  await telemetry(1)
  const watched = await start()
  expect(watched).toMatchObject({ agent_id: "otel/claude-code", cursor: 1, recorded_by: "otlp" })
  await telemetry(2)
  expect(await runs()).toEqual([["otel/claude-code", 2]])
})

test("a session's id gives no access to a run that the token may not write", async () => {
  await start()
  await telemetry(1, aPrincipal({ token_id: "t2", name: "t2", write: ["otel/*"] }))
  expect(await runs()).toEqual(
    expect.arrayContaining([
      ["claude-code/shop", 0],
      ["otel/claude-code", 1],
    ]),
  )
})
