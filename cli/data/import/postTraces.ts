import { requestServer } from "@/cli/serverAccess"
import { asArray, asObject, asText } from "@/lib/dialects/json"
import { stringifyExact } from "@/lib/protocol/exactNumbers"
import { type ImportFile, ImportFileError, type ImportRecord } from "./readImport"

/** The maximum number of records in one request. */
const LIST_LENGTH = 100

/** Sends a file of traces to the route for its format. Returns a description of what was sent. */
export async function postTraces(file: ImportFile, url: string | undefined): Promise<string> {
  const { format, records } = file
  if (format.name === "otlp") return postOtlp(file, url)
  const isLangSmith = format.name === "langsmith"
  const path = isLangSmith ? "/runs/batch" : "/v1/traces/ingest"
  // In the order of LangSmith's `dotted_order`, parents come before their children.
  const ordered = isLangSmith ? records.toSorted(byDottedOrder) : records
  for (let from = 0; from < ordered.length; from += LIST_LENGTH) {
    const some = ordered.slice(from, from + LIST_LENGTH)
    const values = some.map(({ value }) => value)
    await post(file.path, some, url, path, isLangSmith ? { post: values, patch: [] } : { data: values })
  }
  const noun = isLangSmith ? "run" : "record"
  return `sent ${records.length} ${noun}${records.length === 1 ? "" : "s"}`
}

function byDottedOrder(one: ImportRecord, other: ImportRecord): number {
  const [a, b] = [one, other].map(({ value }) => asText(asObject(value)?.dotted_order) ?? "")
  return a === b ? 0 : (a ?? "") < (b ?? "") ? -1 : 1
}

/** Posts each record as one request body: exporters and collectors write one OTLP request per record. */
async function postOtlp(file: ImportFile, url: string | undefined): Promise<string> {
  let spans = 0
  let logs = 0
  for (const record of file.records) {
    const body = asObject(record.value) ?? {}
    const spanLists = asArray(body.resourceSpans ?? body.resource_spans)
    const logLists = asArray(body.resourceLogs ?? body.resource_logs)
    if (spanLists.length > 0) await post(file.path, [record], url, "/v1/traces", { resourceSpans: spanLists })
    if (logLists.length > 0) await post(file.path, [record], url, "/v1/logs", { resourceLogs: logLists })
    spans += countIn(spanLists, "scopeSpans", "spans")
    logs += countIn(logLists, "scopeLogs", "logRecords")
  }
  return `sent ${spans} spans and ${logs} log records`
}

function countIn(resources: readonly unknown[], scopes: string, items: string): number {
  return resources
    .flatMap((resource) => asArray(asObject(resource)?.[scopes]))
    .reduce((sum: number, scope) => sum + asArray(asObject(scope)?.[items]).length, 0)
}

async function post(
  path: string,
  records: readonly ImportRecord[],
  url: string | undefined,
  route: string,
  body: object,
): Promise<void> {
  const place = records[0] === undefined ? path : `${path}, line ${records[0].line}`
  const headers = { "content-type": "application/json" }
  const init = { method: "POST", headers, body: stringifyExact(body) }
  const response = await requestServer(url, "agent", route, init).catch((error: Error) => {
    throw new ImportFileError(`${place}: ${error.message}`)
  })
  const reply = asObject(await response.json().catch(() => undefined))
  const partial = asText(asObject(reply?.partialSuccess)?.errorMessage)
  if (partial !== undefined) throw new ImportFileError(`${place}: ${partial}`)
}
