/** Matches a line that only starts a shell: `bash -c '`, `/bin/sh`, `bash <<'EOF'`. */
const SHELL = /^(?:\S*\/)?(?:ba|da|z|k|a)?sh(?: -\w+)*(?: ['"]| <<-?\s*\S+)?$/
/** Matches a line that only prepares the following lines. */
const PREPARES = /^(?:#!.*|set [-+]\S+(?: pipefail)?|(?:cd|source|\.) \S+|[({])(?:;|\s*&&)?$/
/** Matches a line that continues on the next one. A here-document that is written to a file doesn't count. */
const CONTINUES = /(?:\s\\|[\s=(]["'`]|^[^>]*<<-?\s*(['"]?)\w+\1)$/

/**
 * Returns the first meaningful line of a multi-line script, skipping lines such as `bash -c '` or `cd folder`. A line
 * that continues on the next one is joined with it. For text that isn't a script, returns the first line.
 */
export function commandLine(lines: Iterable<string>): string {
  let first = ""
  let begun = ""
  for (const line of lines) {
    if (first === "") first = line
    const text = begun === "" ? line : `${begun} ${line}`
    if (begun === "" && (SHELL.test(line) || PREPARES.test(line.replace(/\s*\\$/, "")))) continue
    if (begun !== "" || !CONTINUES.test(line)) return text
    begun = line.replace(/\s*\\$/, "")
  }
  return begun || first
}

/** Returns the script in a shell's arguments if it has several lines, as in `["bash", "-lc", "cd a\nmake"]`. */
export function scriptOf(words: readonly string[]): string | undefined {
  const script = words.at(-1)
  const isScript = words.length > 1 && script?.includes("\n") && SHELL.test(words.slice(0, -1).join(" "))
  return isScript ? script : undefined
}
