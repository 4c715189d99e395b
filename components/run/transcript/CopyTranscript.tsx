"use client"

import { strings } from "@/components/run/strings"
import { CopyButton } from "@/components/ui/CopyButton"
import { pagePath } from "@/lib/live/pagePath"
import { exportMarkdown } from "./exportMarkdown"

/** Copies the whole run as Markdown, without any cuts. */
export function CopyTranscript({ runId }: { runId: string }) {
  return <CopyButton text={() => runMarkdown(runId)} label={strings.transcript.copyAll} />
}

/** Converts the run's export, which has every value in full, to Markdown. */
async function runMarkdown(runId: string): Promise<string> {
  const response = await fetch(pagePath(`/api/runs/${encodeURIComponent(runId)}/export?format=jsonl`))
  if (!response.ok) throw new Error(`the export failed with status ${response.status}`)
  return exportMarkdown(await response.text())
}
