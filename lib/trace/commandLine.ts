/** A shell that runs the script that follows: `bash -c '`, `/bin/sh`, `bash <<'EOF'`. */
const SHELL = /^(?:\S*\/)?(?:ba|da|z|k|a)?sh(?: -\w+)*(?: ['"]| <<-?\s*\S+)?$/
/** Lines that only prepare the next ones. */
const PREPARES = /^(?:#!.*|set [-+]\S+(?: pipefail)?|(?:cd|source|\.) \S+|[({])(?:;|\s*&&)?$/
/** The end of a line whose text continues on the next one. A here-document that is written to a file doesn't count. */
const CONTINUES = /(?:\s\\|[\s=(]["'`]|^[^>]*<<-?\s*(['"]?)\w+\1)$/

/**
 * Returns the first meaningful line of a script of several lines: not `bash -c '` or `cd folder`. A line that continues
 * on the next one is joined with it. Texts that aren't scripts keep their first line.
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

/** Returns the script of a shell's arguments if it has several lines: that of `["bash", "-lc", "cd a\nmake"]`. */
export function scriptOf(words: readonly string[]): string | undefined {
  const script = words.at(-1)
  const isScript = words.length > 1 && script?.includes("\n") && SHELL.test(words.slice(0, -1).join(" "))
  return isScript ? script : undefined
}
