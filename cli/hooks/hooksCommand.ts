import { homedir } from "node:os"
import { join, resolve } from "node:path"
import { parseArgs } from "node:util"
import { UsageError } from "@/cli/Command"
import { serverOf } from "@/cli/serverAccess"
import { HOOK_EVENTS, installedHooks, TOKEN_VARIABLE, withHooks, withoutHooks } from "./hookSettings"
import { SettingsFile } from "./SettingsFile"

const HELP = `Usage: turnline hooks <install|status|uninstall> [options]

Makes Claude Code report to Turnline over HTTP, even from machines that don't run turnline watch.
If Turnline is unreachable, Claude Code continues after a second at most.

  install      add the hooks to Claude Code's settings
  status       show where events are sent
  uninstall    remove them

  --url <url>        the server (TURNLINE_URL, default http://127.0.0.1:3000)
  --settings <file>  the settings file to change (default settings.json in CLAUDE_CONFIG_DIR or ~/.claude)
  --help             show this help

The settings are backed up before they are changed. The token is not written to them: Claude Code reads it from
${TOKEN_VARIABLE} in its environment.
`

/** `turnline hooks install|status|uninstall`. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parse(args)
  const [action, ...others] = positionals
  if (values.help === true) {
    process.stdout.write(HELP)
    return 0
  }
  if (others.length > 0) throw new UsageError(`Unexpected argument: ${others[0]}.`)
  const file = new SettingsFile(settingsPath(values.settings, process.env))
  if (action === "install") return install(file, values.url)
  if (action === "status") return status(file)
  if (action === "uninstall") return uninstall(file)
  throw new UsageError(
    action === undefined ? "Specify an action: install, status or uninstall." : `Unknown action: ${action}.`,
  )
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        url: { type: "string" },
        settings: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function settingsPath(option: string | undefined, env: NodeJS.ProcessEnv): string {
  if (option !== undefined) return resolve(option)
  return join(env.CLAUDE_CONFIG_DIR || join(homedir(), ".claude"), "settings.json")
}

function install(file: SettingsFile, url: string | undefined): number {
  const address = serverOf(url, process.env)
  const target = address.origin + address.basePath
  const settings = file.read()
  const wanted = withHooks(settings, target)
  if (JSON.stringify(wanted) === JSON.stringify(settings)) say(`${file.path} already has the hooks.`)
  else {
    const backup = file.write(wanted, new Date())
    say(`Added hooks for ${HOOK_EVENTS.length} events to ${file.path}.`)
    if (backup !== undefined) say(`The previous settings are saved in ${backup}.`)
  }
  say(`New Claude Code sessions send their events to ${target}.`)
  say(`Start claude with a token that can write: export ${TOKEN_VARIABLE}=tl_…`)
  return 0
}

function status(file: SettingsFile): number {
  const hooks = installedHooks(file.read())
  if (hooks.size === 0) {
    say(`${file.path} has no hooks for Turnline.`)
    return 1
  }
  for (const [url, events] of hooks) say(`${url}: ${events.join(", ")}`)
  const hasToken = Boolean(process.env[TOKEN_VARIABLE])
  say(hasToken ? `${TOKEN_VARIABLE} is set in this shell.` : `${TOKEN_VARIABLE} isn't set in this shell.`)
  return 0
}

function uninstall(file: SettingsFile): number {
  const settings = file.read()
  if (installedHooks(settings).size === 0) {
    say(`${file.path} has no hooks for Turnline.`)
    return 0
  }
  const backup = file.write(withoutHooks(settings), new Date())
  say(`Removed the hooks from ${file.path}. The previous settings are saved in ${backup}.`)
  return 0
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
