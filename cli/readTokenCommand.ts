import { parseArgs } from "node:util"
import { AGENT_PATTERN, TOKEN_NAME } from "@/lib/protocol/access"
import type { TokenGrant } from "@/server/auth/token"

export const TOKEN_USAGE = `npm run token -- create <name> [--write a,b/*] [--read own|all|a,b/*] [--control] [--mint] [--expires <ISO time>]
npm run token -- list
npm run token -- revoke <name or id>

  --write    agents that the token may write as: exact ids, or prefixes followed by *; none when left out
  --read     own: the agents that it writes as (the default); all; or agents as in --write
  --control  may ask for cancels and delete ended runs
  --mint     may make tokens from the page
  --expires  is no good from this time on, e.g. 2030-01-31T12:00:00Z`

export type TokenCommand =
  | { name: "create"; grant: TokenGrant }
  | { name: "list" }
  | { name: "revoke"; nameOrId: string }

const OPTIONS = {
  write: { type: "string" },
  read: { type: "string" },
  control: { type: "boolean" },
  mint: { type: "boolean" },
  expires: { type: "string" },
} as const

/** Reads the token command's arguments; on trouble a sentence. `now` in ms since the epoch. */
export function readTokenCommand(args: string[], now: number): TokenCommand | { problem: string } {
  const [name, ...rest] = args
  if (name === "create") return readCreate(rest, now)
  if (name === "list") return rest.length === 0 ? { name } : { problem: "list takes nothing." }
  if (name !== "revoke")
    return { problem: name === undefined ? "What is to be done?" : `There is no command ${name}.` }
  const [nameOrId] = rest
  if (rest.length !== 1 || !nameOrId) return { problem: "revoke takes one name or id." }
  return { name, nameOrId }
}

function readCreate(args: string[], now: number): TokenCommand | { problem: string } {
  const parsed = parse(args)
  if ("problem" in parsed) return parsed
  const { values, positionals } = parsed
  const [name] = positionals
  if (positionals.length !== 1 || name === undefined) return { problem: "create takes one name." }
  if (!TOKEN_NAME.test(name)) return { problem: "A name is 1-128 letters, digits, blanks or . _ : / @ -" }
  const write = readPatterns(values.write)
  const read =
    values.read === undefined || values.read === "own" || values.read === "all"
      ? (values.read ?? "own")
      : readPatterns(values.read)
  if (write === undefined || read === undefined)
    return { problem: "--write and --read take agent ids, or prefixes followed by *, separated by commas." }
  const expires = values.expires === undefined ? undefined : readTime(values.expires)
  if (values.expires !== undefined && expires === undefined)
    return { problem: "--expires takes an ISO time with its zone, such as 2030-01-31T12:00:00Z." }
  if (expires !== undefined && expires <= now) return { problem: "--expires lies in the past." }
  const grant: TokenGrant = {
    name,
    write,
    read,
    control: values.control ?? false,
    mint: values.mint ?? false,
  }
  return {
    name: "create",
    grant: expires === undefined ? grant : { ...grant, expires_at: new Date(expires).toISOString() },
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true })
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

function readPatterns(text: string | undefined): string[] | undefined {
  if (text === undefined || text === "") return []
  const patterns = text.split(",").map((part) => part.trim())
  return patterns.every((pattern) => AGENT_PATTERN.test(pattern)) ? patterns : undefined
}

function readTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
