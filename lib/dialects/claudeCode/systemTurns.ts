import { asNumber, asObject, asText, compact, defined, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn } from "@/lib/dialects/operations"
import { asTime } from "@/lib/dialects/times"
import type { Json } from "@/lib/protocol/fields"
import { contentText } from "./texts"

export function systemTurn(
  event: string,
  record: JsonObject,
  fields: Omit<DialectTurn, "kind" | "event" | "started_at"> = {},
): DialectTurn {
  return defined<DialectTurn>({ kind: "system", event, started_at: asTime(record.timestamp), ...fields })
}

/** Records a failed request that will be retried. */
export function retryTurn(record: JsonObject): DialectTurn {
  const error = asObject(record.error) ?? {}
  const said = asText(error.formatted) ?? asText(error.message) ?? "The model API returned an error"
  const attempt = asNumber(record.retryAttempt)
  const most = asNumber(record.maxRetries)
  const wait = asNumber(record.retryInMs)
  return systemTurn("api_retry", record, {
    message:
      attempt === undefined ? said : `${said} (retry ${attempt}${most === undefined ? "" : ` of ${most}`})`,
    attributes: compact<Json>({
      status: asNumber(error.status),
      attempt: attempt,
      max_attempts: most,
      retry_in_ms: wait,
    }),
  })
}

/** Records a model call that failed permanently. Claude Code writes it as the answer of a model that doesn't exist. */
export function modelErrorTurn(record: JsonObject): DialectTurn {
  const message = contentText(asObject(record.message)?.content) || "The model API returned an error"
  const status = asNumber(record.apiErrorStatus)
  return systemTurn("api_error", record, {
    error: defined<NonNullable<DialectTurn["error"]>>({ message, type: asText(record.error) }),
    attributes: status === undefined ? undefined : { status },
  })
}

/** Records that a summary replaced the conversation so far. */
export function compactionTurn(record: JsonObject): DialectTurn {
  const meta = asObject(record.compactMetadata) ?? {}
  return systemTurn("compaction", record, {
    duration_ms: asNumber(meta.durationMs),
    attributes: compact<Json>({
      trigger: asText(meta.trigger),
      tokens_before: asNumber(meta.preTokens),
      tokens_after: asNumber(meta.postTokens),
    }),
  })
}
