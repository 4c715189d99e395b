/** Matches what only prepares a command: `cd folder &&`, `export PATH=…;`. */
const PREPARES = /^(?:(?:cd \S+|(?:source|\.) \S+|export \w+=\S*|set -\S+)(?: &&|;) )+(?=\S)/

/** Replaces the start of a command with an ellipsis if it only prepares the rest. */
export function shortCommand(command: string): string {
  return command.replace(PREPARES, "… && ")
}
