import { type Command, UsageError } from "./Command"
import { COMMANDS } from "./commands"
import { version } from "./version"

/** `turnline [command] …`. Without a command, it starts the server. */
const exitCode = await main(process.argv.slice(2))
// A running server sets its own exit code.
if (exitCode !== undefined) process.exitCode = exitCode

async function main(args: string[]): Promise<number | undefined> {
  const [name = "start", ...rest] = args
  if (name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(helpText(COMMANDS))
    return 0
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version()}\n`)
    return 0
  }
  if (name.startsWith("-")) return main(["start", ...args])
  const command = COMMANDS.find((each) => each.name === name)
  if (command === undefined) {
    process.stderr.write(`Unknown command: ${name}\n\n${helpText(COMMANDS)}`)
    return 2
  }
  return run(command, rest)
}

async function run(command: Command, args: string[]): Promise<number | undefined> {
  try {
    return await (await command.load()).run(args)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`turnline ${command.name}: ${message}\n`)
    if (!(error instanceof UsageError)) return 1
    process.stderr.write(`See turnline ${command.name} --help.\n`)
    return 2
  }
}

function helpText(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length)) + 3
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`)
  return `Usage: turnline [command] [options]\n\n${lines.join("\n")}\n\nOptions of a command: turnline <command> --help\n`
}
