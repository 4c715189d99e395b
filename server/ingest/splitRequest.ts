import { asObject, asText } from "@/lib/dialects/json"
import type { OtelRecord } from "@/lib/dialects/otel/OtelRecord"
import { readLog } from "@/lib/dialects/otel/readLog"
import { readSpan } from "@/lib/dialects/otel/readSpan"
import { senderOf } from "@/lib/dialects/otel/sender"
import type { DialectName } from "./ForeignDialect"
import { fromOtlpJson, type OtlpJson } from "./otlp/otlpJson"

/** If there are more groups than this, the remaining records form one piece. */
const MAX_PIECES = 200

/**
 * Records that are stored and deleted together. A piece with a name has the records of one session or trace. The piece
 * without a name has all other records.
 */
export type RequestPiece = { name?: string; records: unknown }

/**
 * Splits a request's records by the run that they will belong to, so that the records of an ended run can be deleted
 * while another run in the same request is still in progress.
 */
export function splitRequest(dialect: DialectName, records: unknown): RequestPiece[] {
  if (dialect === "otlp") return splitOtlp(records as OtlpJson)
  if (dialect === "claude-code-hooks") return [{ records }]
  const list = records as readonly unknown[]
  const groups = group(list.map((record) => traceOf(dialect, record)))
  return groups.map(({ name, places }) => ({
    ...(name !== undefined && { name }),
    records: places.map((place) => list[place]),
  }))
}

function traceOf(dialect: DialectName, record: unknown): string | undefined {
  const fields = asObject(record)
  const isTrace = dialect === "openai-agents" && fields?.object === "trace"
  return asText(isTrace ? fields?.id : fields?.trace_id)
}

function splitOtlp(json: OtlpJson): RequestPiece[] {
  const traces = new Set(json.records.map(({ traceId }) => traceId))
  if (traces.size === 1) {
    const sessions = new Set(fromOtlpJson(json).map((record) => senderOf(record).sessionKey))
    const [session] = sessions
    const name = sessions.size === 1 ? (session ?? [...traces][0]) : undefined
    return [{ ...(name !== undefined && { name }), records: json }]
  }
  return group(namesOf(fromOtlpJson(json))).map(({ name, places }) => ({
    ...(name !== undefined && { name }),
    records: pick(json, places),
  }))
}

/**
 * Returns a name for each record: its trace's session; without a session, the trace itself if it has any AI step;
 * otherwise undefined.
 */
function namesOf(records: readonly OtelRecord[]): (string | undefined)[] {
  const nameOfTrace = new Map<string, string>()
  for (const record of records) {
    const { traceId } = record
    if (traceId === undefined || traceId === "") continue
    const { sessionKey } = senderOf(record)
    if (sessionKey !== undefined) nameOfTrace.set(traceId, sessionKey)
    else if (!nameOfTrace.has(traceId) && !isContext(record)) nameOfTrace.set(traceId, traceId)
  }
  return records.map((record) => senderOf(record).sessionKey ?? nameOfTrace.get(record.traceId ?? ""))
}

function isContext(record: OtelRecord): boolean {
  const { step, parts, prompt } = record.type === "span" ? readSpan(record) : readLog(record)
  return (step === undefined || step.step.role === "context") && parts === undefined && prompt === undefined
}

type Group = { name: string | undefined; places: number[] }

function group(names: readonly (string | undefined)[]): Group[] {
  const groups = new Map<string | undefined, Group>()
  names.forEach((given, place) => {
    const name = groups.has(given) || groups.size < MAX_PIECES ? given : undefined
    const known = groups.get(name)
    if (known === undefined) groups.set(name, { name, places: [place] })
    else known.places.push(place)
  })
  return [...groups.values()]
}

/** Returns the records at the given places, with their origins. */
function pick({ origins, records }: OtlpJson, places: readonly number[]): OtlpJson {
  const used = new Map<number, number>()
  const picked = places.flatMap((place) => {
    const record = records[place]
    if (record === undefined) return []
    const origin = used.get(record.origin) ?? used.size
    used.set(record.origin, origin)
    return [{ ...record, origin }]
  })
  return {
    origins: [...used.keys()].map((place) => origins[place] ?? { resource: {}, scope: "" }),
    records: picked,
  }
}
