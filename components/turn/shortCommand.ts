/** Matches what only prepares a command: `cd folder &&`, `export PATH=…;`. */
const PREPARES = /^(?:(?:cd \S+|(?:source|\.) \S+|export \w+=\S*|set -\S+)(?: &&|;) )+(?=\S)/

/** Replaces the start of a command that only prepares the rest by an ellipsis. */
export function shortCommand(command: string): string {
  return command.replace(PREPARES, "… && ")
}
