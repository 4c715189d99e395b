/** Returns how the user ran this program, for help messages: `npm run …` in a checkout, otherwise `turnline`. */
export function programName(command: string): string {
  return process.env.npm_lifecycle_event === command ? `npm run ${command} --` : `turnline ${command}`
}
