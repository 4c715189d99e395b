"use client"

import { strings } from "@/components/run/strings"
import { turnMarkdown } from "@/components/turn/copy/turnText"
import { CopyButton } from "@/components/ui/CopyButton"
import type { RunRecord } from "@/lib/protocol/run"
import type { RunTurn } from "@/lib/protocol/turn"

/** Copies the whole run as Markdown, with nothing cut. */
export function CopyTranscript({ runId }: { runId: string }) {
  return <CopyButton text={() => runMarkdown(runId)} label={strings.transcript.copyAll} />
}

/** The run's export as Markdown. The export has every value in full. */
async function runMarkdown(runId: string): Promise<string> {
  const response = await fetch(`/api/runs/${encodeURIComponent(runId)}/export?format=jsonl`)
  if (!response.ok) throw new Error(`the export failed with status ${response.status}`)
  const records = (await response.text()).split("\n").filter(Boolean).map(parseRecord)
  return records.map(recordMarkdown).filter(Boolean).join("\n")
}

function parseRecord(line: string): RunRecord {
  return JSON.parse(line) as RunRecord
}

function recordMarkdown(record: RunRecord): string {
  if (record.record === "started") return `# ${record.intent}\n`
  if (record.record === "turn") {
    const { record: _, ...turn } = record
    return turnMarkdown(turn as RunTurn)
  }
  const { termination } = record
  if (termination.kind !== "outcome") return ""
  const { status, summary } = termination.outcome
  return `## Outcome: ${status}\n${summary === undefined ? "" : `\n${summary}\n`}`
}
