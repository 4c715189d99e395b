import { parseArgs } from "node:util"
import { z } from "zod"
import { programName } from "@/cli/programName"
import { AGENT_PATTERN, TOKEN_NAME } from "@/lib/protocol/access"
import type { TokenGrant } from "@/server/auth/token"

/** The help text of the token command. */
export function tokenUsage(): string {
  const program = programName("token")
  return `Usage:
  ${program} create <name> [--write a,b/*] [--read own|all|a,b/*] [--control] [--mint] [--expires <ISO time>]
  ${program} list [--json]
  ${program} revoke <name or id>

Options of create:
  --write    agents that the token may write as: exact ids, or prefixes followed by *; default none
  --read     own: the agents that it writes as (default); all; or agents as in --write
  --control  may request cancellation and delete ended runs
  --mint     may create tokens on the Connect page
  --expires  when the token expires, for example 2030-01-31T12:00:00Z`
}

export type TokenCommand =
  | { name: "create"; grant: TokenGrant }
  | { name: "list"; json: boolean }
  | { name: "revoke"; nameOrId: string }

type Problem = { problem: string }

const OPTIONS = {
  write: { type: "string" },
  read: { type: "string" },
  control: { type: "boolean" },
  mint: { type: "boolean" },
  expires: { type: "string" },
} as const

/** Parses the token command's arguments. Returns a message if they are invalid. `now`: milliseconds since the epoch. */
export function readTokenCommand(args: string[], now: number): TokenCommand | Problem {
  const [name, ...rest] = args
  if (name === "create") return readCreate(rest, now)
  if (name === "list") {
    if (rest.some((arg) => arg !== "--json")) return { problem: "`list` takes no arguments except --json." }
    return { name, json: rest.length > 0 }
  }
  if (name !== "revoke")
    return { problem: name === undefined ? "Missing command." : `Unknown command: ${name}.` }
  const [nameOrId] = rest
  if (rest.length !== 1 || !nameOrId) return { problem: "`revoke` takes one name or id." }
  return { name, nameOrId }
}

function readCreate(args: string[], now: number): TokenCommand | Problem {
  const parsed = parse(args)
  if ("problem" in parsed) return parsed
  const { values, positionals } = parsed
  const [name] = positionals
  if (positionals.length !== 1 || name === undefined) return { problem: "`create` takes one name." }
  if (!TOKEN_NAME.test(name)) return { problem: "A name has 1–128 letters, digits, spaces or . _ : / @ -" }
  const write = readPatterns(values.write)
  const read =
    values.read === undefined || values.read === "own" || values.read === "all"
      ? (values.read ?? "own")
      : readPatterns(values.read)
  if (write === undefined || read === undefined)
    return { problem: "--write and --read take agent ids, or prefixes followed by *, separated by commas." }
  const expires = values.expires === undefined ? undefined : readTime(values.expires)
  if (values.expires !== undefined && expires === undefined)
    return { problem: "--expires takes an ISO time with a time zone, such as 2030-01-31T12:00:00Z." }
  if (expires !== undefined && expires <= now) return { problem: "--expires is in the past." }
  const grant: TokenGrant = {
    ...{ name, write, read, control: values.control ?? false, mint: values.mint ?? false },
    ...(expires !== undefined && { expires_at: new Date(expires).toISOString() }),
  }
  return { name: "create", grant }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true })
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

function readPatterns(text = ""): string[] | undefined {
  if (text === "") return []
  const patterns = text.split(",").map((part) => part.trim())
  return patterns.every((pattern) => AGENT_PATTERN.test(pattern)) ? patterns : undefined
}

function readTime(text: string): number | undefined {
  const iso = z.iso.datetime({ offset: true }).safeParse(text)
  return iso.success ? Date.parse(iso.data) : undefined
}
