import { asText } from "@/lib/dialects/json"
import { slugOf } from "@/lib/dialects/slugOf"
import type { Sender } from "@/lib/dialects/traces/Step"
import { pickText } from "./attributes"
import type { OtelRecord } from "./OtelRecord"

/** Coding agents whose own telemetry spreads one session over many traces: service name → key prefix. */
const SESSION_TOOLS: { readonly [service: string]: string } = {
  "claude-code": "claude-code",
  codex_exec: "codex",
  codex_cli_rs: "codex",
  codex_vscode: "codex",
  "codex-app-server": "codex",
  "gemini-cli": "gemini-cli",
  "qwen-code": "qwen-code",
}

const EMPTY_SESSION = /^0*$/

/** Returns the sender of a record, from its resource attributes. */
export function senderOf(record: OtelRecord): Sender {
  const { resource } = record.origin
  const service = serviceName(asText(resource["service.name"]))
  const instance =
    pickText(resource, "service.instance.id") ??
    `${pickText(resource, "host.name", "host.id") ?? ""}:${String(resource["process.pid"] ?? "")}`
  const sender: Sender = { agentId: `otel/${service}`, instance, source: { name: "otlp" }, title: service }
  const tool = Object.hasOwn(SESSION_TOOLS, service) ? SESSION_TOOLS[service] : undefined
  if (tool === undefined) return sender
  const session = pickText(record.attributes, "session.id", "conversation.id", "gen_ai.conversation.id")
  if (session === undefined || EMPTY_SESSION.test(session)) return sender
  const version = pickText(resource, "service.version")
  sender.sessionKey = `${tool}:${session}`
  sender.source = version === undefined ? { name: tool, session } : { name: tool, session, version }
  sender.title = `${tool} session`
  return sender
}

/** Returns a service's name. SDKs without a name send `unknown_service:node` or similar. */
function serviceName(name: string | undefined): string {
  if (name === undefined || name.startsWith("unknown_service")) return "unknown_service"
  return slugOf(name, "unknown_service")
}
