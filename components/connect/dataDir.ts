import type { Session } from "@/lib/live/connection/ConnectionState"

/** Returns the file with the agents' token, quoted for a shell. */
export function tokenFile(session: Session | undefined): string {
  const dir = session?.data_dir
  if (dir === undefined) return ".turnline/agent.token"
  // The viewer isn't allowed to know the path, but a shell on the server's machine may have the variable.
  return dir === null ? '"$TURNLINE_DATA_DIR/agent.token"' : quoted(`${dir}/agent.token`)
}

/** Returns the command that manages tokens, for a shell on the server's machine. */
export function tokenCommand(session: Session | undefined, args: string): string {
  const dir = session?.data_dir
  const setting = dir === undefined || dir === null ? "" : `TURNLINE_DATA_DIR=${quoted(dir)} `
  return `${setting}npm run ${args.startsWith("create") ? "--silent " : ""}token -- ${args}`
}

function quoted(text: string): string {
  return /^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
