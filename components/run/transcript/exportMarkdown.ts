import { turnMarkdown } from "@/components/turn/copy/turnText"
import { parseExact } from "@/lib/protocol/exactNumbers"
import type { RunRecord } from "@/lib/protocol/run"
import type { RunTurn } from "@/lib/protocol/turn"

/** Converts an exported run, one record per line, to Markdown. Keeps every digit of large numbers. */
export function exportMarkdown(lines: string): string {
  return lines
    .split("\n")
    .filter(Boolean)
    .map((line) => recordMarkdown(parseExact(line) as RunRecord))
    .filter(Boolean)
    .join("\n")
}

function recordMarkdown(record: RunRecord): string {
  if (record.record === "started") return `# ${record.intent}\n`
  if (record.record === "turn") {
    const { record: _, ...turn } = record
    return turnMarkdown(turn as RunTurn)
  }
  const { termination } = record
  if (termination.kind !== "outcome") return `## Outcome: incomplete\n`
  const { status, summary } = termination.outcome
  return `## Outcome: ${status}\n${summary === undefined ? "" : `\n${summary}\n`}`
}
