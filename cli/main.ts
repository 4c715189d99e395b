import { type Command, UsageError } from "./Command"
import { COMMANDS } from "./commands"
import { version } from "./version"

/** `turnline <command> …` */
process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(helpText(COMMANDS))
    return name === undefined ? 2 : 0
  }
  if (name === "--version" || name === "-v") {
    process.stdout.write(`${version()}\n`)
    return 0
  }
  const command = COMMANDS.find((each) => each.name === name)
  if (command === undefined) {
    process.stderr.write(`Unknown command: ${name}\n\n${helpText(COMMANDS)}`)
    return 2
  }
  return run(command, rest)
}

async function run(command: Command, args: string[]): Promise<number> {
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
  return `Usage: turnline <command> [options]\n\n${lines.join("\n")}\n\nOptions of a command: turnline <command> --help\n`
}
