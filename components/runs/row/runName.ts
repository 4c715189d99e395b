import { strings } from "@/components/runs/strings"
import { oneLine } from "@/components/ui/text/showControls"
import type { RunSummary } from "@/lib/protocol/run"

/** What a run is called in the names of its row's controls. */
export function runName(run: RunSummary): string {
  return oneLine(run.intent, 60) || strings.noIntent
}
