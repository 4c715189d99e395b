"use client"

import { strings } from "@/components/run/strings"
import { CopyButton } from "@/components/ui/CopyButton"
import { exportMarkdown } from "./exportMarkdown"

/** Copies the whole run as Markdown, with nothing cut. */
export function CopyTranscript({ runId }: { runId: string }) {
  return <CopyButton text={() => runMarkdown(runId)} label={strings.transcript.copyAll} />
}

/** The run's export as Markdown. The export has every value in full. */
async function runMarkdown(runId: string): Promise<string> {
  const response = await fetch(`/api/runs/${encodeURIComponent(runId)}/export?format=jsonl`)
  if (!response.ok) throw new Error(`the export failed with status ${response.status}`)
  return exportMarkdown(await response.text())
}
