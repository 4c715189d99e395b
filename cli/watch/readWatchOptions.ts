import { homedir } from "node:os"
import { resolve } from "node:path"
import { parseArgs } from "node:util"
import { UsageError } from "@/cli/Command"
import { agentToken, serverOf } from "@/cli/serverAccess"
import type { ServerAddress } from "@/lib/agent/delivery/serverAddress"
import { TOOLS, type Tool } from "./sources/Source"
import { type ToolDirectories, toolDirectories } from "./toolDirectories"

export const WATCH_HELP = `Usage: turnline watch [options]

Finds the sessions of coding agents on this machine (${TOOLS.join(", ")})
and shows them in Turnline as they happen. Needs no configuration, and never changes the sessions' files.

  --url <url>        the server (TURNLINE_URL, default http://127.0.0.1:3000)
  --since <time>     include sessions changed within this time: 30m, 24h, 7d, all (default 24h)
  --tool <names>     only these tools, separated by commas
  --project <name>   only sessions in this project directory
  --once             send existing sessions and exit
  --no-content       send titles and times, but no prompts, answers, arguments and results
  --home <folder>    search another home folder for sessions
  --help             show this help

The token comes from TURNLINE_TOKEN, or from agent.token in the data directory.
`

export type WatchOptions = {
  address: ServerAddress
  token: string | undefined
  /** Milliseconds since the epoch. */
  since: number
  tools: readonly Tool[]
  project: string | undefined
  once: boolean
  content: boolean
  home: string
  directories: ToolDirectories
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
/** Other names that people use for the tools. */
const ALIASES: { readonly [name: string]: Tool } = {
  claude: "claude-code",
  claudecode: "claude-code",
  gemini: "gemini-cli",
  qwen: "qwen-code",
}

/** Reads the options of `turnline watch`. Returns undefined if help was requested. */
export function readWatchOptions(
  args: string[],
  env: NodeJS.ProcessEnv,
  now: number,
): WatchOptions | undefined {
  const values = parse(args)
  if (values.help === true) return undefined
  const home = values.home === undefined ? homedir() : resolve(values.home)
  return {
    address: serverOf(values.url, env),
    token: agentToken(env),
    since: readSince(values.since ?? "24h", now),
    tools: readTools(values.tool),
    project: values.project,
    once: values.once === true,
    content: values["no-content"] !== true,
    home,
    directories: toolDirectories(home, values.home === undefined ? env : undefined),
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        url: { type: "string" },
        since: { type: "string" },
        tool: { type: "string", multiple: true },
        project: { type: "string" },
        once: { type: "boolean" },
        "no-content": { type: "boolean" },
        home: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function readSince(text: string, now: number): number {
  if (text === "all") return 0
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (amount === undefined)
    throw new UsageError(`--since takes "all" or a duration such as 30m, 24h or 7d, but got "${text}".`)
  return now - Number(amount) * UNITS[unit as keyof typeof UNITS]
}

function readTools(given: string[] | undefined): readonly Tool[] {
  if (given === undefined) return TOOLS
  return given
    .flatMap((names) => names.split(","))
    .map((name) => {
      const tool = ALIASES[name.trim()] ?? TOOLS.find((each) => each === name.trim())
      if (tool === undefined) throw new UsageError(`--tool takes ${TOOLS.join(", ")}, not ${name.trim()}.`)
      return tool
    })
}
