import { asArray, asObject } from "@/lib/dialects/json"
import type { Settings } from "./SettingsFile"

/** The path at which the server receives Claude Code's hooks. */
const HOOKS_PATH = "/ingest/claude-code/hooks"
/** The environment variable with the token. Claude Code inserts the token into the header of its requests. */
export const TOKEN_VARIABLE = "TURNLINE_TOKEN"
/** A hook blocks the agent, so Claude Code waits for its response for no more than a second. */
const TIMEOUT_SECONDS = 1

/**
 * The events for which hooks are installed: only those that every version with HTTP hooks knows, because an older
 * version stops with a warning if its settings contain an event that it doesn't know.
 */
export const HOOK_EVENTS = [
  "UserPromptSubmit",
  "PreToolUse",
  "PermissionRequest",
  "PostToolUse",
  "PostToolUseFailure",
  "Notification",
  "SubagentStart",
  "SubagentStop",
  "Stop",
  "PreCompact",
  "SessionEnd",
] as const

/** Returns settings with Turnline's hooks. Replaces hooks that an earlier call added. */
export function withHooks(settings: Settings, url: string): Settings {
  const { hooks: _, ...rest } = settings
  const others = hooksOf(withoutHooks(settings))
  const hooks: Record<string, unknown> = { ...others }
  for (const event of HOOK_EVENTS) hooks[event] = [...asArray(others[event]), { hooks: [hookOf(url)] }]
  return { ...rest, hooks }
}

function hookOf(url: string): object {
  return {
    type: "http",
    url: `${url}${HOOKS_PATH}`,
    headers: { Authorization: `Bearer $${TOKEN_VARIABLE}` },
    allowedEnvVars: [TOKEN_VARIABLE],
    timeout: TIMEOUT_SECONDS,
  }
}

/** Returns settings without Turnline's hooks. Everything else stays unchanged. */
export function withoutHooks(settings: Settings): Settings {
  const { hooks: _, ...rest } = settings
  const hooks: Record<string, unknown> = {}
  for (const [event, matchers] of Object.entries(hooksOf(settings))) {
    const left = Array.isArray(matchers)
      ? matchers.map(withoutOurs).filter((matcher) => matcher !== undefined)
      : matchers
    if (!Array.isArray(left) || left.length > 0) hooks[event] = left
  }
  return settings.hooks === undefined || Object.keys(hooks).length === 0 ? rest : { ...rest, hooks }
}

/** Returns a matcher's entry without our hook; undefined if it has no other hook. */
function withoutOurs(matcher: unknown): unknown {
  const entry = asObject(matcher)
  if (entry === undefined || !Array.isArray(entry.hooks)) return matcher
  const hooks = entry.hooks.filter((hook) => !isOurs(hook))
  if (hooks.length === entry.hooks.length) return matcher
  return hooks.length === 0 ? undefined : { ...entry, hooks }
}

function isOurs(hook: unknown): boolean {
  const url = asObject(hook)?.url
  return typeof url === "string" && url.split("?")[0]?.endsWith(HOOKS_PATH) === true
}

/** Returns the servers to which installed hooks post, each with the events that it gets. */
export function installedHooks(settings: Settings): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const [event, matchers] of Object.entries(hooksOf(settings)))
    for (const matcher of asArray(matchers))
      for (const hook of asArray(asObject(matcher)?.hooks)) {
        if (!isOurs(hook)) continue
        const url = String(asObject(hook)?.url).slice(0, -HOOKS_PATH.length)
        found.set(url, [...(found.get(url) ?? []), event])
      }
  return found
}

function hooksOf(settings: Settings): Settings {
  return asObject(settings.hooks) ?? {}
}
