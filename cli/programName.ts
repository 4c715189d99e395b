/** How the person called a command, for usage texts: through npm in a checkout, else as `turnline`. */
export function programName(command: string): string {
  return process.env.npm_lifecycle_event === command ? `npm run ${command} --` : `turnline ${command}`
}
